import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import type { ImportKind } from '../../src/domain/data/import-kind.ts';
import { readCsv } from '../../src/ingest/csv.ts';
import { inChunks, readAll } from './read-all.ts';

function read(
  content: string | Uint8Array,
  kind: ImportKind = 'interactions',
  type?: string,
  chunk = 65_536,
) {
  return readAll(readCsv(inChunks(content, chunk), kind, { type }));
}

const click = (userId: string, itemId: string) => ({ userId, itemId, type: 'click' });

describe('interactions', () => {
  it('come with the numbers of their lines', async () => {
    const { rows } = await read('userId,itemId,type\nann,a,click\nbob,b,buy\n');
    expect(rows).toEqual([
      { line: 2, raw: { userId: 'ann', itemId: 'a', type: 'click' } },
      { line: 3, raw: { userId: 'bob', itemId: 'b', type: 'buy' } },
    ]);
  });

  it('may name their columns in any order, with all of them', async () => {
    const { rows } = await read('timestamp,eventId,value,type,itemId,userId\n881250949,e1,2.5,buy,a,ann\n');
    expect(rows).toEqual([
      {
        line: 2,
        raw: {
          userId: 'ann',
          itemId: 'a',
          type: 'buy',
          value: 2.5,
          timestamp: 881_250_949_000,
          eventId: 'e1',
        },
      },
    ]);
  });

  it('take rating for value, and then are ratings, whatever type the query gives', async () => {
    const { rows } = await read('userId,itemId,rating\nann,a,5\nann,b,\n', 'interactions', 'click');
    expect(rows.map((row) => 'raw' in row && row.raw)).toEqual([
      { userId: 'ann', itemId: 'a', value: 5, type: 'rating' },
      { userId: 'ann', itemId: 'b', type: 'click' },
    ]);
  });

  it('get the type of the query only where they have none', async () => {
    const { rows } = await read('userId,itemId,type\nann,a,\nann,b,buy\n', 'interactions', 'click');
    expect(rows.map((row) => 'raw' in row && row.raw)).toMatchObject([{ type: 'click' }, { type: 'buy' }]);
  });

  it('keep text that is no number, for the check of the row to show', async () => {
    const { rows } = await read('userId,itemId,rating\nann,a,five\n');
    expect(rows[0]).toMatchObject({ raw: { value: 'five' } });
  });
});

describe('items and users', () => {
  it('take lists, truth values and times, and any other column as a feature', async () => {
    const header = 'itemId,title,categories,labels,hidden,availableFrom,year,zip,note,empty';
    const { rows } = await read(`${header}\na,"A, ""b""",x|y,new,TRUE,2030-01-01,1995,01002,4.5,\n`, 'items');
    expect(rows).toEqual([
      {
        line: 2,
        raw: {
          itemId: 'a',
          title: 'A, "b"',
          categories: ['x', 'y'],
          labels: ['new'],
          hidden: true,
          availableFrom: Date.parse('2030-01-01'),
          features: { year: 1995, zip: '01002', note: 4.5 },
        },
      },
    ]);
  });

  it('make features of every column but the user id', async () => {
    const { rows } = await read('userId,age,occupation,__proto__\nann,24,writer,x\n', 'users');
    const raw = (rows[0] as unknown as { raw: { features: object } }).raw;
    expect(Object.entries(raw.features)).toEqual([
      ['age', 24],
      ['occupation', 'writer'],
      ['__proto__', 'x'],
    ]);
  });
});

describe('a file as spreadsheets write it', () => {
  const content =
    '\ufeffuserId,itemId,type\r\n"ann","a ""x"", b",click\r\n\r\nbob,"two\r\nlines",click\r\n🎬,é,click';
  const expected = [
    { line: 2, raw: click('ann', 'a "x", b') },
    { line: 5, raw: click('bob', 'two\r\nlines') },
    { line: 6, raw: click('🎬', 'é') },
  ];

  it('is read with its mark, Windows line ends, quotes, empty lines and line ends within quotes', async () => {
    expect((await read(content)).rows).toEqual(expected);
  });

  it.each([1, 2, 3, 7])('is read the same when it comes in chunks of %i bytes', async (chunk) => {
    expect(await read(content, 'interactions', undefined, chunk)).toEqual({ rows: expected });
  });
});

it('reads a file in which both kinds of line ends occur', async () => {
  const { rows } = await read('userId,itemId,type\nann,a,click\r\nann,b,click\n');
  expect(rows).toEqual([
    { line: 2, raw: click('ann', 'a') },
    { line: 3, raw: click('ann', 'b') },
  ]);
});

it('reads lines without quotes as the parser of quoted ones reads them', async () => {
  const rng = createRng(2);
  const cells = ['', ' ', 'a', 'é🎬', 'x y', '1', '\t;'];
  const line = () => Array.from({ length: 1 + rng.int(4) }, () => cells[rng.int(cells.length)]).join(',');
  for (let file = 0; file < 50; file++) {
    const end = () => ['\n', '\r\n', '\n\n'][rng.int(3)];
    const body = Array.from({ length: 20 }, () => line() + end()).join('');
    const plain = await read(`\ufeffuserId,itemId,type\n${body}`);
    expect(await read(`\ufeff"userId",itemId,type\n${body}`)).toEqual(plain);
    // From the middle on, with the numbers of the lines going on.
    const last = (await read(`userId,itemId,type\n${body}"ann",b,c\n`)).rows.at(-1);
    expect(last).toMatchObject({ raw: { userId: 'ann' }, line: 2 + body.split('\n').length - 1 });
    expect(await read(`userId,itemId,type\n${body}"ann",b,c\n`, 'interactions', undefined, 16)).toEqual({
      rows: [...plain.rows, last],
    });
  }
});

it('names a row with too many or too few cells and goes on', async () => {
  const { rows, error } = await read('userId,itemId,type\nann\nann,a,click,x\nann,a,click\n');
  expect(error).toBeUndefined();
  expect(rows).toEqual([
    { line: 2, reason: 'the row has 1 cells, the header has 3' },
    { line: 3, reason: 'the row has 4 cells, the header has 3' },
    { line: 4, raw: click('ann', 'a') },
  ]);
});

it('has no rows when there is only a header', async () => {
  expect(await read('userId,itemId,type\n')).toEqual({ rows: [] });
});

describe('a header that cannot be used fails at once, with the column named', () => {
  it.each([
    ['userId,rating\nann,5\n', 'the column itemId is missing; found userId, rating'],
    ['user_id,item_id,rating\n', 'the column userId is missing; found user_id, item_id, rating'],
    ['userId;itemId;type\n', 'cells must be separated by commas'],
    ['userId,itemId,type,userId\n', 'the column userId is there twice'],
    ['userId,,itemId\n', 'column 2 has no name'],
    ['userId,itemId,type,time\n', 'unknown column time; the columns are userId, itemId'],
    ['userId,itemId,value,rating\n', 'both value and rating'],
    ['userId,itemId\nann,a\n', 'as in ?type=click'],
    ['', 'The file is empty'],
    ['\n\r\n\n', 'The file is empty'],
    ['\ufeff', 'The file is empty'],
  ])('%j', async (content, detail) => {
    const { rows, error } = await read(content);
    expect(rows).toEqual([]);
    expect(error).toMatchObject({ code: 'invalid-csv', detail: expect.stringContaining(detail) });
  });

  it.each([
    ['items', 'itemId'],
    ['users', 'userId'],
  ] as const)('%s need %s', async (kind, column) => {
    const { error } = await read('id,title\n1,x\n', kind);
    expect(error).toMatchObject({
      detail: `Line 1: the column ${column} is missing; found id, title; columns= names the column for it, as in columns=${column}:id`,
    });
  });
});

describe('a file that breaks in the middle gives the rows before, then fails with the line', () => {
  const start = 'userId,itemId,type\nann,a,click\nann,b,click\n';
  const latin1 = Buffer.from('J\u00f6rg,a,click\nann,c,click\n', 'latin1');

  it.each([
    ['a quote that is never closed', `${start}ann,"c,click\nann,d,click\n`, /^Line 4: .*never closed/],
    ['a quote within a cell', `${start}ann,c"d",click\nann,d,click\n`, /^Line 4: .*double the quotes/],
    ['text after a closing quote', `${start}ann,"c"d,click\nann,d,click\n`, /^Line 4: .*double the quotes/],
    [
      'a line of ten megabytes',
      `${start}ann,${'x'.repeat(10_000_000)},click\nann,d,click\n`,
      /^Line 4: .*1048576 bytes/,
    ],
    [
      'an open quote with megabytes after it',
      `${start}ann,"${'x,y\n'.repeat(600_000)}`,
      /^Line 4: .*never closed/,
    ],
    ['text that is not UTF-8', Buffer.concat([Buffer.from(start), latin1]), /^Line 4 is not UTF-8/],
  ])('%s', async (_what, content, detail) => {
    const { rows, error } = await read(content);
    expect(error).toMatchObject({ code: 'invalid-csv', detail: expect.stringMatching(detail) });
    expect(rows).toEqual([
      { line: 2, raw: click('ann', 'a') },
      { line: 3, raw: click('ann', 'b') },
    ]);
  });
});
