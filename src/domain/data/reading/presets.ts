import type { ImportFormat, ImportKind } from '../import-kind.ts';
import { DEFAULT_NULLS, type Reading } from './reading.ts';

/** How one file of a known layout is read. */
export interface Layout extends Reading {
  format: ImportFormat;
  /** The type of rows that have none. */
  type?: string;
  /** Matches the beginning of such a file; for preset=auto. */
  begins?: RegExp;
}

export interface Preset {
  /** The files, in words. */
  says: string;
  /** Of several layouts the first, unless the query names the format of another. */
  layouts: Partial<Record<ImportKind, Layout | Layout[]>>;
}

const csv = (columns: string, more: Partial<Layout> = {}): Layout => ({
  format: 'csv',
  columns: columnsOf(columns),
  ...more,
});
const json = (columns: string, more: Partial<Layout> = {}): Layout => ({
  format: 'ndjson',
  columns: columnsOf(columns),
  ...more,
});
const bare = { header: false, quote: '' } as const;

/** `userId:user|visitor,itemId:item` */
function columnsOf(text: string): Record<string, string[]> {
  return Object.fromEntries(
    text.split(',').map((part) => {
      const colon = part.indexOf(':');
      return [part.slice(0, colon), part.slice(colon + 1).split('|')];
    }),
  );
}

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

/** The files of well-known data sets and systems, as they are published. */
export const PRESETS = {
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
      items: csv('itemId:1,title:2,released:3', {
        ...bare,
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
  yelp: {
    says: 'Yelp open data set: review.json, business.json, user.json',
    layouts: {
      interactions: json('userId:user_id,itemId:business_id,rating:stars,timestamp:date,eventId:review_id', {
        files: '*review.json',
        begins: /^\{"review_id"/,
      }),
      items: json('itemId:business_id,title:name,categories:categories,city:city,state:state,stars:stars', {
        listSeparator: ',',
        files: '*business.json',
        begins: /^\{"business_id"/,
      }),
      users: json('userId:user_id,reviews:review_count,fans:fans', {
        files: '*user.json',
        begins: /^\{"user_id"[^\n]*"yelping_since"/,
      }),
    },
  },
  goodreads: {
    says: 'Goodreads (UCSD): interactions or reviews, and books, as JSON lines; a rating of 0 is none',
    layouts: {
      interactions: json('userId:user_id,itemId:book_id,rating:rating,timestamp:date_updated|date_added', {
        type: 'shelve',
        nulls: [...DEFAULT_NULLS, '0'],
        timestampFormat: 'EEE MMM dd HH:mm:ss ZZZ yyyy',
        begins: /^\{"user_id"[^\n]*"book_id"/,
      }),
      items: json(
        'itemId:book_id,title:title,year:publication_year|*,publisher:publisher|*,language:language_code|*',
        {
          begins: /^\{[^\n]*"text_reviews_count"/,
        },
      ),
    },
  },
  'lastfm-360k': {
    says: 'Last.fm 360K: usersha1-artmbid-artname-plays.tsv and usersha1-profile.tsv',
    layouts: {
      interactions: csv('userId:1,itemId:2|3,value:4', {
        ...bare,
        delimiter: '\t',
        type: 'play',
        files: '*plays.tsv',
        begins: /^[0-9a-f]{40}\t[^\t\n]*\t[^\t\n]*\t\d+\r?\n/,
      }),
      users: csv('userId:1,gender:2,age:3,country:4', {
        ...bare,
        delimiter: '\t',
        files: '*profile.tsv',
        begins: /^[0-9a-f]{40}\t[mf]?\t/,
      }),
    },
  },
  'lastfm-1k': {
    says: 'Last.fm 1K: userid-timestamp-artid-artname-traid-traname.tsv',
    layouts: {
      interactions: csv('userId:1,timestamp:2,itemId:5|6', {
        ...bare,
        delimiter: '\t',
        type: 'play',
        timestampFormat: 'iso',
        files: '*traname.tsv',
        begins: /^user_\d+\t\d{4}-/,
      }),
    },
  },
  'book-crossing': {
    says: 'Book-Crossing: BX-Book-Ratings.csv (0 is a mention), BX-Books.csv, BX-Users.csv',
    layouts: {
      interactions: csv('userId:User-ID,itemId:ISBN,value:Book-Rating', {
        delimiter: ';',
        escape: '\\',
        type: 'score',
        files: '*Ratings.csv',
        begins: /^"User-ID";"ISBN";"Book-Rating"/,
      }),
      items: csv(
        'itemId:ISBN,title:Book-Title,author:Book-Author,year:Year-Of-Publication,publisher:Publisher',
        {
          delimiter: ';',
          escape: '\\',
          files: '*Books.csv',
          begins: /^"ISBN";"Book-Title"/,
        },
      ),
      users: csv('userId:User-ID,location:Location,age:Age', {
        delimiter: ';',
        escape: '\\',
        files: '*Users.csv',
        begins: /^"User-ID";"Location"/,
      }),
    },
  },
  steam: {
    says: "Steam (UCSD): users' items and games, each line a dict of Python",
    layouts: {
      interactions: json('userId:user_id,itemId:items[].item_id,value:items[].playtime_forever', {
        type: 'play',
        begins: /^\{u?'user_id'[^\n]*'items_count'/,
      }),
      items: json('itemId:id,title:title|app_name,categories:genres|*,price:price|*,developer:developer|*', {
        begins: /^\{[^\n]*u?'app_name'/,
      }),
    },
  },
  mind: {
    says: 'MIND: behaviors.tsv (impressions with value 1 where clicked, 0 where not) and news.tsv',
    layouts: {
      interactions: csv('userId:2,timestamp:3,itemId:5[]', {
        ...bare,
        delimiter: '\t',
        type: 'impression',
        listSeparator: ' ',
        valueSeparator: '-',
        timestampFormat: 'M/d/yyyy h:mm:ss a',
        files: '*behaviors.tsv',
        begins: /^\d+\tU\d+\t\d+\/\d+\/\d{4} /,
      }),
      items: csv('itemId:1,categories:2,subcategory:3,title:4', {
        ...bare,
        delimiter: '\t',
        files: '*news.tsv',
        begins: /^N\d+\t/,
      }),
    },
  },
  retailrocket: {
    says: 'Retailrocket: events.csv',
    layouts: {
      interactions: csv('userId:visitorid,itemId:itemid,type:event,timestamp:timestamp', {
        timestampFormat: 'ms',
        files: '*events.csv',
        begins: /^timestamp,visitorid,event,itemid/,
      }),
    },
  },
  netflix: {
    says: 'Netflix Prize: combined_data_*.txt (a line "1:" and then the ratings of that film) and movie_titles.csv',
    layouts: {
      interactions: csv('userId:1,rating:2,timestamp:3,itemId:4', {
        ...bare,
        section: true,
        timestampFormat: 'iso',
        files: '*combined_data*.txt',
        begins: /^\d+:\r?\n\d+,[1-5],\d{4}-/,
      }),
      items: csv('itemId:1,year:2,title:3+', {
        ...bare,
        encoding: 'windows-1252',
        files: '*movie_titles*',
        begins: /^\d+,(\d{4}|NULL),/,
      }),
    },
  },
  jester: {
    says: 'Jester 2: jester_ratings.dat, with ratings from -10 to 10 (the matrices of Jester 1 are not read)',
    layouts: {
      interactions: csv('userId:1,itemId:2,value:3', {
        ...bare,
        delimiter: '\t\t',
        type: 'score',
        files: '*ratings.dat',
        begins: /^\d+\t\t\d+\t\t-?\d/,
      }),
    },
  },
  lightgcn: {
    says: 'Splits of LightGCN: train.txt and test.txt, each line a user and their items',
    layouts: {
      interactions: csv('userId:1,itemId:2+', {
        ...bare,
        delimiter: ' ',
        type: 'click',
        begins: /^0 \d+ \d+/,
      }),
    },
  },
  gorse: {
    says: 'gorse: feedback as CSV or JSON, items, users',
    layouts: {
      interactions: [
        csv(
          'type:feedback_type|FeedbackType,userId:user_id|UserId,itemId:item_id|ItemId,value:value|Value|*,timestamp:time_stamp|timestamp|Timestamp',
          {
            begins: /^feedback_type,user_id,item_id/,
          },
        ),
        json('type:FeedbackType,userId:UserId,itemId:ItemId,value:Value|*,timestamp:Timestamp', {
          begins: /^\[?\s*\{"FeedbackType"/,
        }),
      ],
      items: json('itemId:ItemId,hidden:IsHidden|*,categories:Categories|*,labels:Labels|*', {
        begins: /^\[?\s*\{"ItemId"/,
      }),
      users: json('userId:UserId,labels:Labels|*', { begins: /^\[?\s*\{"UserId"/ }),
    },
  },
  personalize: {
    says: 'Amazon Personalize: interactions, items and users as CSV',
    layouts: {
      interactions: csv(
        'userId:USER_ID,itemId:ITEM_ID,timestamp:TIMESTAMP,type:EVENT_TYPE|*,value:EVENT_VALUE|*',
        {
          type: 'click',
          timestampFormat: 's',
          begins: /^(?=[^\n]*\bUSER_ID\b)(?=[^\n]*\bITEM_ID\b)[A-Z_,]+\r?\n/,
        },
      ),
      items: csv(
        'itemId:ITEM_ID,categories:GENRES|GENRE|CATEGORY_L1|CATEGORIES|*,availableFrom:CREATION_TIMESTAMP|*,price:PRICE|*',
        {
          begins: /^ITEM_ID,[A-Z_0-9,]+\r?\n/,
        },
      ),
      users: csv('userId:USER_ID,age:AGE|*,gender:GENDER|*', { begins: /^USER_ID,[A-Z_0-9,]+\r?\n/ }),
    },
  },
  segment: {
    says: 'Segment: track calls with the events of its e-commerce specification',
    layouts: {
      interactions: json(
        'userId:userId|anonymousId,itemId:properties.products[].product_id|properties.product_id,value:properties.products[].quantity|*,type:event,timestamp:timestamp,eventId:messageId',
        {
          types: {
            'Product Viewed': 'view',
            'Product Clicked': 'click',
            'Product Added': 'cart',
            'Product Added to Wishlist': 'wishlist',
            'Order Completed': 'purchase',
          },
          begins: /^\[?\s*\{[^\n]*"messageId"/,
        },
      ),
    },
  },
  snowplow: {
    says: 'Snowplow: enriched events of a warehouse, as CSV or JSON lines',
    layouts: {
      interactions: (['csv', 'ndjson'] as const).map((format) => ({
        format,
        columns: columnsOf(
          'userId:user_id|domain_userid,itemId:ti_sku|se_property|se_label,type:event_name|event,timestamp:derived_tstamp|collector_tstamp,eventId:event_id',
        ),
        begins: /^[^\n]*\bevent_id\b[^\n]*|^[^\n]*\bdomain_userid\b/,
      })),
    },
  },
  ga4: {
    says: "Google Analytics 4: the events that BigQuery exports, with a row for each of an event's items",
    layouts: {
      interactions: json(
        'userId:user_id|user_pseudo_id,itemId:items[].item_id,value:items[].quantity|*,type:event_name,timestamp:event_timestamp',
        {
          timestampFormat: 'us',
          begins: /^\{[^\n]*"event_timestamp"/,
        },
      ),
    },
  },
  'shopify-orders': {
    says: 'Shopify: orders as CSV (the export of the admin) or JSON (the API)',
    layouts: {
      interactions: [
        csv('userId:Email,itemId:Lineitem sku|Lineitem name,value:Lineitem quantity,timestamp:Created at', {
          type: 'purchase',
          begins: /^Name,Email,/,
        }),
        json(
          'userId:customer.id|email,itemId:line_items[].product_id,value:line_items[].quantity,timestamp:created_at,eventId:id',
          {
            type: 'purchase',
            begins:
              /^\[?\s*\{[^\n]*"line_items"[^\n]*"admin_graphql_api_id"|^\[?\s*\{[^\n]*"admin_graphql_api_id"[^\n]*"line_items"/,
          },
        ),
      ],
    },
  },
  woocommerce: {
    says: 'WooCommerce: orders of the REST API; guests (customer 0) go by their address',
    layouts: {
      interactions: json(
        'userId:customer_id|billing.email,itemId:line_items[].product_id,value:line_items[].quantity,timestamp:date_created_gmt,eventId:id',
        {
          type: 'purchase',
          nulls: [...DEFAULT_NULLS, '0'],
          begins: /^\[?\s*\{[^\n]*"date_created_gmt"/,
        },
      ),
    },
  },
} satisfies Record<string, Preset>;

export type PresetName = keyof typeof PRESETS;
export const PRESET_NAMES = Object.keys(PRESETS) as PresetName[];

/** @returns undefined where the preset has no file of this kind and format */
export function layoutOf(name: PresetName, kind: ImportKind, format?: ImportFormat): Layout | undefined {
  const layouts = (PRESETS[name] as Preset).layouts[kind];
  const all = layouts === undefined ? [] : Array.isArray(layouts) ? layouts : [layouts];
  return format === undefined ? all[0] : all.find((layout) => layout.format === format);
}

/**
 * The preset whose files begin so.
 * @param beginning the first lines of a file
 */
export function guessPreset(
  beginning: string,
  kind: ImportKind,
): { name: PresetName; layout: Layout } | undefined {
  for (const name of PRESET_NAMES) {
    const layouts = (PRESETS[name] as Preset).layouts[kind] ?? [];
    const layout = [layouts].flat().find(({ begins }) => begins?.test(beginning));
    if (layout) return { name, layout };
  }
  return undefined;
}
