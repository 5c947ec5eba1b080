import { describe, expect, it } from 'vitest';
import { isAllowedUrl } from '../../src/core/allowed-url.ts';
import type { ImportFormat } from '../../src/domain/data/import-kind.ts';
import { parseColumns } from '../../src/domain/data/reading/parse.ts';
import { layoutOf, type PresetName } from '../../src/domain/data/reading/presets.ts';
import { readCsv } from '../../src/ingest/csv.ts';
import { readNdjson } from '../../src/ingest/ndjson.ts';
import type { FileRow, ReadOptions } from '../../src/ingest/read-rows.ts';

async function rows(text: string, options: ReadOptions, read: typeof readCsv = readCsv): Promise<unknown[]> {
  const found: FileRow[] = [];
  async function* bytes() {
    yield Buffer.from(text);
  }
  for await (const part of read(bytes(), 'interactions', options)) found.push(...part);
  return found.map((row) => ('raw' in row ? row.raw : row.reason));
}

const columnsOf = parseColumns;
const layout = (name: PresetName, format?: ImportFormat) => layoutOf(name, 'interactions', format)!;

const READ_ITEMS: typeof readCsv = (stream, _kind, options) => readCsv(stream, 'items', options);

describe('columns of flags', () => {
  const options = { columns: columnsOf('itemId:id,categories:Comedy?|Drama?|Sci-Fi?') };

  it('become the names of those with a 1', async () => {
    const text = 'id,Drama,Comedy,Sci-Fi,more\n7,0,1,True,9\n8,1,,0,9\n9,0,0,0,9\n6,0,2,0,9\n';
    expect(await rows(text, options, READ_ITEMS)).toEqual([
      { itemId: '7', categories: ['Comedy', 'Sci-Fi'] },
      { itemId: '8', categories: ['Drama'] },
      { itemId: '9', categories: [] },
      'categories: the cell of Comedy must be 0 or 1; got "2"',
    ]);
  });

  it.each([
    ['itemId:id,categories:Comedy?|genre', /has columns of flags, as in Comedy\?, and others/],
    ['itemId:id,categories:Comedy?|Horror?', /names columns of flags that the file does not have/],
    ['itemId:id,title:Comedy?', /are for categories and labels; got title/],
  ])('are refused where they cannot be read: %s', async (columns, why) => {
    const read = rows('id,Comedy,genre\n7,1,x\n', { columns: columnsOf(columns) }, READ_ITEMS);
    await expect(read).rejects.toThrow(why);
  });
});

it('a path into JSON that leads to nothing in any row is noted, and * says that there may be none', async () => {
  const read = async (columns: string) => {
    const notes = {};
    await rows(
      '{"u":1,"i":2,"when":{"$date":"2026-03-01T00:00:00Z"}}\n',
      { columns: columnsOf(columns), type: 'click', notes },
      readNdjson,
    );
    return notes;
  };
  expect(await read('userId:u,itemId:i,timestamp:wen')).toEqual({ absent: { timestamp: 'wen' } });
  expect(await read('userId:u,itemId:i,timestamp:wen|*')).toEqual({});
  expect(await read('userId:u,itemId:i,timestamp:when.$date')).toEqual({
    timestamps: { timestamp: 'iso' },
  });
});

describe('columns', () => {
  it('are taken by name, and the others passed over', async () => {
    const options = { columns: columnsOf('userId:user,itemId:film|movie, value:stars'), type: 'like' };
    expect(await rows('when,user,movie,stars,note\n5,ann,7,3,x\n', options)).toEqual([
      { userId: 'ann', itemId: '7', value: 3, type: 'like' },
    ]);
  });

  it('are numbers where there is no header, and the first line is data', async () => {
    const options = { columns: columnsOf('userId:2,itemId:1'), header: false, delimiter: ';', type: 'click' };
    expect(await rows('7;ann\n8;bob\n9\n', options)).toEqual([
      { itemId: '7', userId: 'ann', type: 'click' },
      { itemId: '8', userId: 'bob', type: 'click' },
      'the row has 1 cells, the first row has 2',
    ]);
  });

  it('name what is missing and what is there', async () => {
    const read = rows('user,movie\nann,7\n', { columns: columnsOf('userId:user,itemId:film|item') });
    await expect(read).rejects.toMatchObject({
      code: 'invalid-csv',
      detail: 'Line 1: the column film or item for itemId is missing; found user, movie',
    });
  });

  it.each([
    ['userId', /pairs such as/],
    ['userId:a,userId:b', /userId twice/],
    ['userId:', /pairs such as/],
    [':a', /pairs such as/],
    ['', /pairs such as/],
  ])('refuse %j', (text, reason) => {
    expect(() => parseColumns(text)).toThrow(reason);
  });

  it('pick the members of JSON lines too', async () => {
    const options = { columns: columnsOf('userId:u,itemId:i,rating:r') };
    expect(await rows('{"u":"ann","i":"7","r":4,"x":1}\n', options, readNdjson as typeof readCsv)).toEqual([
      { userId: 'ann', itemId: '7', value: 4, type: 'rating' },
    ]);
  });
});

describe('the files of well-known data sets', () => {
  const rated = { userId: '196', itemId: '242', value: 3, type: 'rating', timestamp: 881_250_949_000 };

  it.each([
    ['movielens-ratings', 'userId,movieId,rating,timestamp\n196,242,3.0,881250949\n', rated],
    ['movielens-100k', '196\t242\t3\t881250949\n', rated],
    [
      'recbole-inter',
      'user_id:token\titem_id:token\trating:float\ttimestamp:float\n196\t242\t3\t881250949\n',
      rated,
    ],
    [
      'recbole-inter',
      'user_id:token\titem_id:token\n196\t242\n',
      { userId: '196', itemId: '242', type: 'click' },
    ],
    ['amazon-reviews', 'user_id,parent_asin,rating,timestamp\n196,242,3.0,881250949\n', rated],
  ] as const)('%s', async (name, text, row) => {
    expect(await rows(text, layout(name, 'csv'))).toEqual([row]);
  });

  it('amazon-reviews as JSON lines', async () => {
    const line = '{"reviewerID":"A1","asin":"B1","overall":5.0,"unixReviewTime":1252800000,"summary":"x"}\n';
    expect(await rows(line, layout('amazon-reviews'), readNdjson as typeof readCsv)).toEqual([
      { userId: 'A1', itemId: 'B1', value: 5, type: 'rating', timestamp: 1_252_800_000_000 },
    ]);
  });
});

it.each([
  ['https://data.example.com/exports/a.csv', true],
  ['https://data.example.com/exports', true],
  ['https://data.example.com/exports-2/a.csv', false],
  ['https://data.example.com/exports/../a.csv', false],
  ['https://data.example.com.evil.com/exports/a.csv', false],
  ['http://data.example.com/exports/a.csv', false],
  ['https://data.example.com@evil.com/exports/a.csv', false],
  ['https://me:pw@data.example.com/exports/a.csv', false],
  ['nonsense', false],
])('an import from %s is allowed: %s', (url, allowed) => {
  expect(isAllowedUrl(url, ['https://data.example.com/exports'])).toBe(allowed);
});
