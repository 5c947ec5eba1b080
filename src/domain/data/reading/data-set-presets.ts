import { bare, csv, json, type Preset } from './preset-kit.ts';
import { DEFAULT_NULLS } from './reading.ts';

/** Other data sets, as they are published. */
export const DATA_SET_PRESETS = {
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
} satisfies Record<string, Preset>;
