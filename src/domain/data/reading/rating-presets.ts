import { bare, csv, json, type Layout, type Preset } from './preset-kit.ts';
import { DEFAULT_NULLS } from './reading.ts';

/** Columns of flags in u.item, in their order. */
const GENRES =
  "Action,Adventure,Animation,Children's,Comedy,Crime,Documentary,Drama,Fantasy,Film-Noir,Horror,Musical,Mystery,Romance,Sci-Fi,Thriller,War,Western".split(
    ',',
  );
const flags = GENRES.map((genre) => `${genre}?`).join('|');

const movielensCsv: Preset = {
  says: 'MovieLens in CSV (20M, 25M, 32M, latest): ratings.csv and movies.csv',
  layouts: {
    interactions: csv('userId:userId,itemId:movieId,rating:rating,timestamp:timestamp', {
      files: '*ratings.csv',
      timestampFormat: 's',
      begins: /^userId,movieId,rating,timestamp\r?\n/,
    }),
    items: csv('itemId:movieId,title:title,categories:genres', {
      files: '*movies.csv',
      nulls: [...DEFAULT_NULLS, '(no genres listed)'],
      begins: /^movieId,title,genres\r?\n/,
    }),
  },
};

const movielensDat = (users: boolean): Preset => ({
  says: `MovieLens with :: between cells: ratings.dat, movies.dat${users ? ', users.dat' : ''}`,
  layouts: {
    interactions: csv('userId:1,itemId:2,rating:3,timestamp:4', {
      ...bare,
      delimiter: '::',
      files: '*ratings.dat',
      timestampFormat: 's',
      begins: /^\d+::\d+::[\d.]+::\d{9,}\r?\n/,
    }),
    items: csv('itemId:1,title:2,categories:3', {
      ...bare,
      delimiter: '::',
      files: '*movies.dat',
      nulls: [...DEFAULT_NULLS, '(no genres listed)'],
      begins: /^\d+::[^\n]+\(\d{4}\)::/,
    }),
    ...(users && {
      users: csv('userId:1,gender:2,age:3,occupation:4,zip:5', {
        ...bare,
        delimiter: '::',
        files: '*users.dat',
        begins: /^\d+::[MF]::/,
      }),
    }),
  },
});

const amazonReviews = json(
  'userId:user_id|reviewerID,itemId:parent_asin|asin,rating:rating|overall,timestamp:timestamp|unixReviewTime|*',
);
const amazonOld = (items: Layout): Preset => ({
  says: 'Amazon reviews of 2014 or 2018: reviews as JSON lines, and the metadata of products',
  layouts: {
    interactions: json('userId:reviewerID,itemId:asin,rating:overall,timestamp:unixReviewTime', {
      timestampFormat: 's',
      begins: /^\{[^\n]*"reviewerID"/,
    }),
    items,
  },
});

const TEXT = '"(?:[^"\\\\]|\\\\.)*"';
/** The first line of an export, which names all members in one order. */
const OWN_BEGINNINGS = {
  ndjson: {
    interactions: /^\{"userId":"[^\n]*,"eventId":[^\n]*,"timestampSource":/,
    items: new RegExp(`^\\{"itemId":${TEXT},"title":(?:null|${TEXT}),"categories":\\[`),
    users: new RegExp(`^\\{"userId":${TEXT},"features":\\{`),
  },
  csv: {
    interactions: /^userId,itemId,type,value,timestamp,eventId,timestampSource,context\r?\n/,
    items: /^itemId,title,categories,labels,features,hidden,availableFrom,availableUntil\r?\n/,
    users: /^userId,features\r?\n/,
  },
};

/** Exports of this service, MovieLens and Amazon. */
export const RATING_PRESETS = {
  stillhouse: {
    says: 'Exports of this service: ids as they are, rows in the order of the file',
    layouts: Object.fromEntries(
      (['interactions', 'items', 'users'] as const).map((kind) => [
        kind,
        (['ndjson', 'csv'] as const).map((format) => ({
          format,
          inOrder: true,
          trim: false,
          nulls: [],
          timestampFormat: 'iso',
          begins: OWN_BEGINNINGS[format][kind],
        })),
      ]),
    ),
  },
  'movielens-100k': {
    says: 'MovieLens 100K: u.data, u.item, u.user',
    layouts: {
      interactions: csv('userId:1,itemId:2,rating:3,timestamp:4', {
        ...bare,
        delimiter: '\t',
        files: '*u.data',
        timestampFormat: 's',
        begins: /^\d+\t\d+\t[1-5]\t\d{9}\r?\n/,
      }),
      items: csv(`itemId:id,title:title,released:released,categories:${flags}`, {
        quote: '',
        // The first genre of the file is "unknown".
        names: ['id', 'title', 'released', 'video', 'url', 'unknown', ...GENRES],
        delimiter: '|',
        encoding: 'windows-1252',
        files: '*u.item',
        begins: /^\d+\|[^\n]*\|\d\d-[A-Z][a-z]{2}-\d{4}\|/,
      }),
      users: csv('userId:1,age:2,gender:3,occupation:4,zip:5', {
        ...bare,
        delimiter: '|',
        files: '*u.user',
        begins: /^\d+\|\d+\|[MF]\|/,
      }),
    },
  },
  'movielens-1m': movielensDat(true),
  'movielens-10m': movielensDat(false),
  'movielens-20m': movielensCsv,
  'movielens-25m': movielensCsv,
  'movielens-32m': movielensCsv,
  'movielens-latest': movielensCsv,
  'movielens-ratings': movielensCsv,
  'recbole-inter': {
    says: 'Atomic files of RecBole: .inter',
    layouts: {
      interactions: csv('userId:user_id,itemId:item_id,rating:rating|*,timestamp:timestamp|*', {
        delimiter: '\t',
        quote: '',
        type: 'click',
        begins: /^user_id:token\titem_id:token/,
      }),
    },
  },
  'amazon-2014': amazonOld(
    json('itemId:asin,title:title|*,categories:categories|*,brand:brand|*,price:price|*', {
      begins: /^\{'asin'/,
    }),
  ),
  'amazon-2018': amazonOld(
    json('itemId:asin,title:title|*,categories:category|*,brand:brand|*,price:price|*', {
      begins: /^\{"category"/,
    }),
  ),
  'amazon-2023': {
    says: 'Amazon reviews of 2023: reviews and products as JSON lines, ratings as CSV',
    layouts: {
      interactions: [
        json('userId:user_id,itemId:parent_asin,rating:rating,timestamp:timestamp', {
          timestampFormat: 'ms',
          begins: /^\{[^\n]*"parent_asin"[^\n]*"user_id"/,
        }),
        csv('userId:user_id,itemId:parent_asin,rating:rating,timestamp:timestamp', {
          timestampFormat: 'ms',
          begins: /^user_id,parent_asin,rating,timestamp/,
        }),
      ],
      items: json(
        'itemId:parent_asin,title:title,categories:categories|*,main_category:main_category|*,store:store|*,price:price|*',
        {
          begins: /^\{"main_category"/,
        },
      ),
    },
  },
  'amazon-reviews': {
    says: 'Amazon reviews of any year',
    layouts: {
      interactions: [
        amazonReviews,
        csv(
          'userId:user_id|reviewerID,itemId:parent_asin|asin,rating:rating|overall,timestamp:timestamp|unixReviewTime|*',
        ),
      ],
    },
  },
} satisfies Record<string, Preset>;
