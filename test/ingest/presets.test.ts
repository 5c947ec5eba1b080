import { describe, expect, it } from 'vitest';
import type { ImportKind } from '../../src/domain/data/import-kind.ts';
import { layoutOf, PRESET_NAMES, type PresetName } from '../../src/domain/data/reading/presets.ts';
import type { ReadingNotes } from '../../src/domain/data/reading/reading.ts';
import { readFile } from '../../src/ingest/read-file.ts';
import { parseInteraction, parseItem, parseUser } from '../../src/ingest/rows.ts';
import { inChunks } from './read-all.ts';

const NOW = Date.parse('2026-11-01T00:00:00Z');
const parsers = {
  interactions: (raw: unknown) => parseInteraction(raw, NOW),
  items: parseItem,
  users: parseUser,
};
const lines = (count: number, line: (i: number) => string, head = '') =>
  head + Array.from({ length: count }, (_, i) => `${line(i)}\n`).join('');
const objects = (count: number, object: (i: number) => object) =>
  lines(count, (i) => JSON.stringify(object(i)));
const time = (iso: string) => Date.parse(iso);

interface Sample {
  preset: PresetName;
  kind?: Exclude<ImportKind, 'teacher'>;
  format?: 'csv' | 'ndjson';
  text: string | Buffer;
  rows: number;
  first: object;
  /** Reasons of rows that are refused, by their place. */
  refused?: Record<number, RegExp>;
  /** False where the first lines look like those of another set. */
  guessed?: boolean;
}

const sha = (i: number) => `${i}`.padStart(40, 'a0');
const click = { type: 'click', value: null, timestamp: null, eventId: null };
const ml = { itemId: '31', type: 'rating', value: 2.5, timestamp: 1_260_759_144_000 };
const movies = lines(
  10,
  (i) => (i === 1 ? '2,"Grown, Up (1998)",(no genres listed)' : `${i + 1},Made Up ${i} (1999),Comedy|Drama`),
  'movieId,title,genres\n',
);
const madeUp = { itemId: '1', title: 'Made Up 0 (1999)', categories: ['Comedy', 'Drama'] };

const SAMPLES: Sample[] = [
  {
    preset: 'movielens-100k',
    text: lines(12, (i) => `${196 + i}\t242\t3\t881250949`),
    rows: 12,
    first: { userId: '196', itemId: '242', type: 'rating', value: 3, timestamp: 881_250_949_000 },
  },
  {
    preset: 'movielens-100k',
    kind: 'items',
    text: Buffer.from(
      lines(
        10,
        (i) => `${i + 1}|Les Mis\u00e9rables (1995)|01-Jan-1995||http://x|0|1|0|0|1${'|0'.repeat(12)}|1|0`,
      ),
      'latin1',
    ),
    rows: 10,
    first: {
      itemId: '1',
      title: 'Les Misérables (1995)',
      categories: ['Action', "Children's", 'War'],
      features: { released: '01-Jan-1995' },
    },
  },
  {
    preset: 'movielens-100k',
    kind: 'users',
    text: lines(10, (i) => `${i + 1}|24|M|technician|${i === 3 ? 'T8H1N' : '85711'}`),
    rows: 10,
    first: { userId: '1', features: { age: 24, gender: 'M', occupation: 'technician' } },
  },
  {
    preset: 'movielens-1m',
    text: lines(10, (i) => `1::${1193 + i}::5::978300760`),
    rows: 10,
    first: { userId: '1', itemId: '1193', type: 'rating', value: 5, timestamp: 978_300_760_000 },
  },
  {
    preset: 'movielens-1m',
    kind: 'items',
    text: lines(10, (i) => `${i + 1}::He Said "${i}" (1995)::Animation|Children's`),
    rows: 10,
    first: { itemId: '1', title: 'He Said "0" (1995)', categories: ['Animation', "Children's"] },
  },
  {
    preset: 'movielens-1m',
    kind: 'users',
    text: lines(10, (i) => `${i + 1}::F::1::10::48067`),
    rows: 10,
    first: { userId: '1', features: { gender: 'F', age: 1, occupation: 10, zip: 48067 } },
  },
  {
    preset: 'movielens-10m',
    text: lines(10, (i) => `1::${122 + i}::4.5::838985046`),
    rows: 10,
    first: { userId: '1', itemId: '122', value: 4.5, timestamp: 838_985_046_000 },
    guessed: false,
  },
  ...(
    ['movielens-20m', 'movielens-25m', 'movielens-32m', 'movielens-latest', 'movielens-ratings'] as const
  ).map(
    (preset, n): Sample => ({
      preset,
      text: lines(10, (i) => `${i + 1},31,2.5,1260759144`, 'userId,movieId,rating,timestamp\n'),
      rows: 10,
      first: { userId: '1', ...ml },
      guessed: n === 0,
    }),
  ),
  { preset: 'movielens-25m', kind: 'items', text: movies, rows: 10, first: madeUp, guessed: false },
  {
    preset: 'recbole-inter',
    text: lines(
      10,
      (i) => `u${i}\ti1\t3\t881250949`,
      'user_id:token\titem_id:token\trating:float\ttimestamp:float\n',
    ),
    rows: 10,
    first: { userId: 'u0', itemId: 'i1', type: 'rating', value: 3 },
  },
  {
    preset: 'amazon-2014',
    text: objects(10, (i) => ({
      reviewerID: `A${i}`,
      asin: '0528881469',
      overall: 5,
      unixReviewTime: 1370131200,
    })),
    rows: 10,
    first: { userId: 'A0', itemId: '0528881469', value: 5, timestamp: 1_370_131_200_000 },
  },
  {
    preset: 'amazon-2014',
    kind: 'items',
    text: lines(
      10,
      (i) =>
        `{'asin': 'B${i}', 'title': "It's \\"it\\"", 'price': 9.99, 'categories': [['A', 'B'], ['A', 'C']], 'related': None}`,
    ),
    rows: 10,
    first: { itemId: 'B0', title: 'It\'s "it"', categories: ['A', 'B', 'C'], features: { price: 9.99 } },
  },
  {
    preset: 'amazon-2018',
    text: objects(10, (i) => ({
      overall: 4,
      verified: true,
      reviewerID: `A${i}`,
      asin: 'B1',
      unixReviewTime: 1370131200,
    })),
    rows: 10,
    first: { userId: 'A0', itemId: 'B1', value: 4, timestamp: 1_370_131_200_000 },
    guessed: false,
  },
  {
    preset: 'amazon-2018',
    kind: 'items',
    text: objects(10, (i) => ({ category: ['Toys', 'Games'], title: `T${i}`, asin: `B${i}`, brand: 'X' })),
    rows: 10,
    first: { itemId: 'B0', title: 'T0', categories: ['Toys', 'Games'], features: { brand: 'X' } },
  },
  {
    preset: 'amazon-2023',
    text: objects(10, (i) => ({
      rating: 5,
      asin: 'B9',
      parent_asin: 'B1',
      user_id: `A${i}`,
      timestamp: 1588687728923,
    })),
    rows: 10,
    first: { userId: 'A0', itemId: 'B1', value: 5, timestamp: 1_588_687_728_923 },
  },
  {
    preset: 'amazon-2023',
    format: 'csv',
    text: lines(10, (i) => `A${i},B1,5.0,1588687728923`, 'user_id,parent_asin,rating,timestamp\n'),
    rows: 10,
    first: { userId: 'A0', itemId: 'B1', value: 5, timestamp: 1_588_687_728_923 },
  },
  {
    preset: 'amazon-2023',
    kind: 'items',
    text: objects(10, (i) => ({
      main_category: 'Books',
      title: `T${i}`,
      categories: ['Books'],
      parent_asin: `B${i}`,
      price: null,
    })),
    rows: 10,
    first: { itemId: 'B0', title: 'T0', categories: ['Books'], features: { main_category: 'Books' } },
  },
  {
    preset: 'amazon-reviews',
    text: objects(10, (i) => ({ reviewerID: `A${i}`, asin: 'B1', overall: 5, unixReviewTime: 1370131200 })),
    rows: 10,
    first: { userId: 'A0', itemId: 'B1', value: 5, timestamp: 1_370_131_200_000 },
    guessed: false,
  },
  {
    preset: 'yelp',
    text: objects(10, (i) => ({
      review_id: `r${i}`,
      user_id: 'u',
      business_id: 'b',
      stars: 3,
      date: '2018-07-07 22:09:11',
    })),
    rows: 10,
    first: { userId: 'u', itemId: 'b', value: 3, timestamp: time('2018-07-07T22:09:11Z'), eventId: 'r0' },
  },
  {
    preset: 'yelp',
    kind: 'items',
    text: objects(10, (i) => ({
      business_id: `b${i}`,
      name: 'Tea',
      city: 'Goleta',
      categories: 'Tea Rooms, Food',
    })),
    rows: 10,
    first: { itemId: 'b0', title: 'Tea', categories: ['Tea Rooms', 'Food'], features: { city: 'Goleta' } },
  },
  {
    preset: 'yelp',
    kind: 'users',
    text: objects(10, (i) => ({
      user_id: `u${i}`,
      name: 'W',
      review_count: 585,
      yelping_since: '2007-01-25 16:47:26',
      fans: 2,
    })),
    rows: 10,
    first: { userId: 'u0', features: { reviews: 585, fans: 2 } },
  },
  {
    preset: 'goodreads',
    text: objects(10, (i) => ({
      user_id: '8842281e',
      book_id: `${24375664 + i}`,
      rating: i === 1 ? 0 : 5,
      date_added: 'Fri Aug 25 13:55:02 -0700 2017',
      date_updated: '',
    })),
    rows: 10,
    first: {
      userId: '8842281e',
      itemId: '24375664',
      type: 'rating',
      value: 5,
      timestamp: time('2017-08-25T20:55:02Z'),
    },
  },
  {
    preset: 'goodreads',
    kind: 'items',
    text: objects(10, (i) => ({
      isbn: '',
      text_reviews_count: '1',
      book_id: `${i}1`,
      title: `T${i}`,
      publication_year: '1984',
    })),
    rows: 10,
    first: { itemId: '01', title: 'T0', features: { year: '1984' } },
  },
  {
    preset: 'lastfm-360k',
    text: lines(10, (i) => `${sha(i)}\t${i === 0 ? '' : 'mb-1'}\tthe "who\t2137`),
    rows: 10,
    first: { userId: sha(0), itemId: 'the "who', type: 'play', value: 2137, timestamp: null },
  },
  {
    preset: 'lastfm-360k',
    kind: 'users',
    text: lines(10, (i) => `${sha(i)}\tf\t22\tGermany\tFeb 1, 2007`),
    rows: 10,
    first: { userId: sha(0), features: { gender: 'f', age: 22, country: 'Germany' } },
  },
  {
    preset: 'lastfm-1k',
    text: lines(10, (i) => `user_00000${i}\t2009-05-04T23:08:57Z\tf1b\tDeep "Dish\t\tOpener`),
    rows: 10,
    first: { userId: 'user_000000', itemId: 'Opener', type: 'play', timestamp: time('2009-05-04T23:08:57Z') },
  },
  {
    preset: 'book-crossing',
    text: lines(10, (i) => `"${276725 + i}";"034545104X";"${i}"`, '"User-ID";"ISBN";"Book-Rating"\r\n'),
    rows: 10,
    first: { userId: '276725', itemId: '034545104X', type: 'score', value: 0 },
  },
  {
    preset: 'book-crossing',
    kind: 'items',
    text: Buffer.from(
      lines(
        10,
        (i) => `"019515344${i}";"Die \\"M\u00e4r\\"; ein Buch";"X";"2002";"Oxford"`,
        '"ISBN";"Book-Title";"Book-Author";"Year-Of-Publication";"Publisher"\n',
      ),
      'latin1',
    ),
    rows: 10,
    first: {
      itemId: '0195153440',
      title: 'Die "Mär"; ein Buch',
      features: { author: 'X', year: 2002, publisher: 'Oxford' },
    },
  },
  {
    preset: 'book-crossing',
    kind: 'users',
    text: lines(
      10,
      (i) => `"${i + 1}";"nyc, new york, usa";${i === 0 ? 'NULL' : '"18"'}`,
      '"User-ID";"Location";"Age"\n',
    ),
    rows: 10,
    first: { userId: '1', features: { location: 'nyc, new york, usa' } },
  },
  {
    preset: 'steam',
    text: lines(
      10,
      (i) =>
        `{'user_id': '7656119${i}', 'items_count': 2, 'items': [{'item_id': '10', 'playtime_forever': 6}, {'item_id': u'20', 'playtime_forever': 0}]}`,
    ),
    rows: 20,
    first: { userId: '76561190', itemId: '10', type: 'play', value: 6 },
  },
  {
    preset: 'steam',
    kind: 'items',
    text: lines(
      10,
      (i) =>
        `{u'publisher': u'K', u'genres': [u'Action'], u'app_name': u'L${i}\\u2122', u'id': u'76114${i}', u'early_access': False}`,
    ),
    rows: 10,
    first: { itemId: '761140', title: 'L0™', categories: ['Action'] },
  },
  {
    preset: 'mind',
    text: lines(10, (i) => `${i + 1}\tU13740\t11/11/2019 9:05:58 AM\tN55189 N42782\tN55689-1 N35729-0`),
    rows: 20,
    first: {
      userId: 'U13740',
      itemId: 'N55689',
      type: 'impression',
      value: 1,
      timestamp: time('2019-11-11T09:05:58Z'),
    },
  },
  {
    preset: 'mind',
    kind: 'items',
    text: lines(10, (i) => `N5552${i}\tlifestyle\troyals\tThe "Brands\tText\thttp://x\t[]\t[]`),
    rows: 10,
    first: {
      itemId: 'N55520',
      title: 'The "Brands',
      categories: ['lifestyle'],
      features: { subcategory: 'royals' },
    },
  },
  {
    preset: 'retailrocket',
    text: lines(
      10,
      (i) => `1433221332117,2575${i},view,355908,`,
      'timestamp,visitorid,event,itemid,transactionid\n',
    ),
    rows: 10,
    first: { userId: '25750', itemId: '355908', type: 'view', timestamp: 1_433_221_332_117 },
  },
  {
    preset: 'netflix',
    text: `1:\n${lines(5, (i) => `148804${i},3,2005-09-06`)}2:\n${lines(5, (i) => `205944${i},4,2005-09-05`)}`,
    rows: 10,
    first: { userId: '1488040', itemId: '1', type: 'rating', value: 3, timestamp: time('2005-09-06') },
  },
  {
    preset: 'jester',
    text: lines(10, (i) => `1\t\t${5 + i}\t\t-9.281`),
    rows: 10,
    first: { userId: '1', itemId: '5', type: 'score', value: -9.281 },
  },
  {
    preset: 'lightgcn',
    text: lines(10, (i) => (i === 9 ? '9' : `${i} 0 1 2`)),
    rows: 27,
    first: { userId: '0', itemId: '0', ...click },
  },
  {
    preset: 'gorse',
    text: lines(
      10,
      (i) => `star,u${i},i1,2026-02-24 16:37:52 +0000 UTC`.replace(' UTC', ''),
      'feedback_type,user_id,item_id,time_stamp\n',
    ),
    rows: 10,
    first: { userId: 'u0', itemId: 'i1', type: 'star', timestamp: time('2026-02-24T16:37:52Z') },
  },
  {
    preset: 'gorse',
    kind: 'items',
    text: objects(10, (i) => ({ ItemId: `i${i}`, IsHidden: true, Categories: ['a'], Labels: ['x'] })),
    rows: 10,
    first: { itemId: 'i0', hidden: true, categories: ['a'], labels: ['x'] },
  },
  {
    preset: 'gorse',
    kind: 'users',
    text: objects(10, (i) => ({ UserId: `u${i}`, Labels: ['x'] })),
    rows: 10,
    first: { userId: 'u0', features: { labels: ['x'] } },
  },
  {
    preset: 'personalize',
    text: lines(
      10,
      (i) => `u${i},i1,watch,0.5,1577836800`,
      'USER_ID,ITEM_ID,EVENT_TYPE,EVENT_VALUE,TIMESTAMP\n',
    ),
    rows: 10,
    first: { userId: 'u0', itemId: 'i1', type: 'watch', value: 0.5, timestamp: 1_577_836_800_000 },
  },
  {
    preset: 'personalize',
    kind: 'items',
    text: lines(10, (i) => `i${i},Action|Drama,1577836800`, 'ITEM_ID,GENRES,CREATION_TIMESTAMP\n'),
    rows: 10,
    first: { itemId: 'i0', categories: ['Action', 'Drama'], availableFrom: 1_577_836_800_000 },
  },
  {
    preset: 'personalize',
    kind: 'users',
    text: lines(10, (i) => `u${i},34,f`, 'USER_ID,AGE,GENDER\n'),
    rows: 10,
    first: { userId: 'u0', features: { age: 34, gender: 'f' } },
  },
  {
    preset: 'segment',
    text: objects(10, (i) => ({
      messageId: `m${i}`,
      type: 'track',
      event: i === 2 ? 'Order Completed' : i === 3 ? 'Signed Up' : 'Product Viewed',
      userId: null,
      anonymousId: `anon-${i}`,
      timestamp: '2026-02-23T22:28:55.111Z',
      properties:
        i === 2 ? { products: [{ product_id: 'a', quantity: 2 }, { product_id: 'b' }] } : { product_id: 507 },
    })),
    rows: 11,
    first: {
      userId: 'anon-0',
      itemId: '507',
      type: 'view',
      eventId: 'm0',
      timestamp: time('2026-02-23T22:28:55.111Z'),
    },
    refused: { 4: /type must be a name such as click/ },
  },
  {
    preset: 'snowplow',
    format: 'csv',
    text: lines(
      10,
      (i) => `ev-${i},,d${i},transaction_item,SKU-1,2026-02-24 16:37:52.123`,
      'event_id,user_id,domain_userid,event_name,ti_sku,derived_tstamp\n',
    ),
    rows: 10,
    first: {
      userId: 'd0',
      itemId: 'SKU-1',
      type: 'transaction_item',
      eventId: 'ev-0',
      timestamp: time('2026-02-24T16:37:52.123Z'),
    },
  },
  {
    preset: 'ga4',
    text: objects(10, (i) => ({
      event_timestamp: '1584350000123456',
      event_name: 'purchase',
      user_id: null,
      user_pseudo_id: `${i}.5`,
      items: [
        { item_id: 'SKU1', quantity: 2 },
        { item_id: 'SKU2', quantity: null },
      ],
    })),
    rows: 20,
    first: { userId: '0.5', itemId: 'SKU1', type: 'purchase', value: 2, timestamp: 1_584_350_000_123 },
  },
  {
    preset: 'shopify-orders',
    format: 'csv',
    text: lines(
      10,
      (i) => `#100${i},c${i}@example.com,2026-02-24 16:37:52 -0500,2,Mug,${i === 0 ? '' : 'MUG-1'}`,
      'Name,Email,Created at,Lineitem quantity,Lineitem name,Lineitem sku\n',
    ),
    rows: 10,
    first: {
      userId: 'c0@example.com',
      itemId: 'Mug',
      type: 'purchase',
      value: 2,
      timestamp: time('2026-02-24T21:37:52Z'),
    },
  },
  {
    preset: 'shopify-orders',
    format: 'ndjson',
    text: `[${objects(10, (i) => ({
      id: 450789469 + i,
      admin_graphql_api_id: 'gid',
      created_at: '2026-02-24T16:37:52-05:00',
      customer: { id: 207119551 },
      line_items: [
        { product_id: 632910392, quantity: 1 },
        { product_id: 632910393, quantity: 3 },
      ],
    }))
      .trim()
      .replaceAll('\n', ',\n')}]`,
    rows: 20,
    first: {
      userId: '207119551',
      itemId: '632910392',
      value: 1,
      eventId: '450789469',
      timestamp: time('2026-02-24T21:37:52Z'),
    },
  },
  {
    preset: 'woocommerce',
    text: `[${objects(10, (i) => ({
      id: 727 + i,
      date_created_gmt: '2026-03-22T19:28:02',
      customer_id: i === 0 ? 0 : 25,
      billing: { email: 'john@example.com' },
      line_items: [{ id: 315, product_id: 93, quantity: 2 }],
    }))
      .trim()
      .replaceAll('\n', ',')}]`,
    rows: 10,
    first: {
      userId: 'john@example.com',
      itemId: '93',
      type: 'purchase',
      value: 2,
      timestamp: time('2026-03-22T19:28:02Z'),
    },
  },
];

async function read(sample: Sample, preset: PresetName | 'auto') {
  const { kind = 'interactions', format, text } = sample;
  const { begins: _, type, ...layout } = preset === 'auto' ? {} : layoutOf(preset, kind, format)!;
  const spec = { type: 'import', kind, ...layout, preset, ...(type && { interactionType: type }) } as const;
  const notes: ReadingNotes = {};
  const rows: unknown[] = [];
  const bytes = inChunks(typeof text === 'string' ? text : text, 100);
  for await (const batch of readFile({ name: 'x', bytes }, spec, notes, undefined)) {
    for (const row of batch) {
      const parsed = 'raw' in row ? parsers[kind](row.raw) : row;
      rows.push('ok' in parsed ? parsed.ok : parsed.reason);
    }
  }
  return { rows, notes };
}

describe.each(SAMPLES.map((sample) => ({ ...sample, kind: sample.kind ?? ('interactions' as const) })))(
  'preset $preset, $kind $format',
  (sample) => {
    it('reads its file', async () => {
      const { rows } = await read(sample, sample.preset);
      expect(rows).toHaveLength(sample.rows);
      expect(rows[0]).toMatchObject(sample.first);
      for (const [place, row] of rows.entries()) {
        const reason = sample.refused?.[place];
        if (reason) expect(row).toMatch(reason);
        else expect(row).toBeTypeOf('object');
      }
    });

    it.runIf(sample.guessed ?? true)('is guessed by it', async () => {
      const { rows, notes } = await read(sample, 'auto');
      expect(notes.preset).toBe(sample.preset === 'movielens-25m' ? 'movielens-20m' : sample.preset);
      expect(rows[0]).toMatchObject(sample.first);
    });
  },
);

it('every preset has a sample for each of its kinds', () => {
  const tested = new Set(SAMPLES.map(({ preset, kind = 'interactions' }) => `${preset} ${kind}`));
  const missing = PRESET_NAMES.filter((name) => name !== 'stillhouse').filter(
    (name) => !tested.has(`${name} interactions`),
  );
  expect(missing).toEqual([]);
});

it('is not guessed where nothing is known', async () => {
  const sample = { preset: 'mind', text: 'userId,itemId,type\nann,a,click\n', rows: 1, first: {} } as const;
  const { rows, notes } = await read(sample, 'auto');
  expect([rows.length, notes.preset]).toEqual([1, 'none']);
});
