import path from 'node:path';
import fc from 'fast-check';
import { describe, expect, it, onTestFinished } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { buildDataset } from '../../../src/dataset/build.ts';
import type { DataFilter } from '../../../src/dataset/filter.ts';
import { DEFAULT_WEIGHTING } from '../../../src/domain/data/weighting.ts';
import type { ParquetSource } from '../../../src/domain/tasks/parquet-source.ts';
import { type Duck, openDuck } from '../../../src/training/source/duck.ts';
import { openParquet } from '../../../src/training/source/parquet-source.ts';
import { type Row, sourceOf } from '../../helpers/data.ts';
import { temporaryFolder } from '../../helpers/store.ts';

async function openFolder() {
  const folder = await temporaryFolder();
  const duck = await openDuck({ folder, memoryMiB: 256, threads: 2 });
  onTestFinished(() => duck.close());
  return { duck, file: (name = 'rows') => path.join(folder, `${name}.parquet`) };
}

const literal = (value: unknown) =>
  value === undefined || value === null
    ? 'NULL'
    : typeof value === 'number'
      ? String(value)
      : `'${String(value).replaceAll("'", "''")}'`;

/** Writes a file with a query of DuckDB, as other systems would. */
async function write(duck: Duck, file: string, query: string): Promise<void> {
  await duck.run(`COPY (${query}) TO '${file}' (FORMAT parquet, ROW_GROUP_SIZE 2048)`);
}

const tuples = (rows: readonly Row[]) =>
  rows
    .map(({ user, item, type = 'click', value, timestamp, context }) =>
      [user, item, type, value, timestamp, context && JSON.stringify(context)].map(literal).join(', '),
    )
    .map((row) => `(${row})`)
    .join(', ');
const queryOf = (rows: readonly Row[]) =>
  `SELECT column0 AS "userId", column1 AS "itemId", column2 AS "type", CAST(column3 AS DOUBLE) AS "value",
     make_timestamp(CAST(column4 * 1000 AS BIGINT)) AS "timestamp", CAST(column5 AS VARCHAR) AS "context"
   FROM (VALUES ${tuples(rows)}) AS t(column0, column1, column2, column3, column4, column5)`;

function madeUp(seed: number, count: number): Row[] {
  const rng = createRng(seed);
  const start = Date.UTC(2026, 0, 1);
  return Array.from({ length: count }, (): Row => {
    const isRating = rng.next() < 0.5;
    return {
      user: `u${Math.floor(40 * rng.next() ** 2)}`,
      item: `i${Math.floor(60 * rng.next() ** 2)}`,
      ...(isRating ? { type: 'rating', value: 1 + Math.floor(5 * rng.next()) } : { type: 'click' }),
      // Equal times, of which the order of the rows decides.
      ...(rng.next() < 0.9 && { timestamp: start + 60_000 * Math.floor(50 * rng.next()) }),
      ...(rng.next() < 0.5 && { context: { device: rng.next() < 0.5 ? 'phone' : 'tablet' } }),
    };
  });
}

async function datasets(rows: readonly Row[], filter: DataFilter) {
  const { duck, file } = await openFolder();
  const half = Math.ceil(rows.length / 2);
  await write(duck, file('a'), queryOf(rows.slice(0, half)));
  await write(duck, file('b'), queryOf(rows.slice(half)));
  const opened = await openParquet(duck, [file('a'), file('b')], { parquet: 'x' }, filter);
  const build = (source: Parameters<typeof buildDataset>[0]) =>
    buildDataset(source, DEFAULT_WEIGHTING, { filter, inOrder: false, withSeen: true });
  return { fromFiles: await build(opened), fromStore: await build(sourceOf(rows)), counts: opened.counts };
}

describe('a data set from Parquet', () => {
  it.each<[string, DataFilter]>([
    ['as it is', {}],
    ['of a sample', { sample: { users: 0.6, items: 0.8, seed: 7 } }],
    ['of a core', { minInteractions: { perUser: 6, perItem: 5 } }],
    [
      'of the core of a sample, since a time, in a context',
      {
        ...{ sample: { users: 0.8, seed: 3 }, minInteractions: { perItem: 3 } },
        ...{ since: Date.UTC(2026, 0, 1, 0, 10), context: { device: ['phone'] } },
      },
    ],
  ])('is the one that the same rows in the database give: %s', async (_what, filter) => {
    const { fromFiles, fromStore, counts } = await datasets(madeUp(5, 1_500), filter);
    expect(fromFiles.users).toEqual(fromStore.users);
    expect(fromFiles.items).toEqual(fromStore.items);
    expect(fromFiles.hash).toBe(fromStore.hash);
    expect(counts).toMatchObject({ files: 2, rows: 1_500, unusable: 0 });
  });

  it('is so for cores and samples of any data', async () => {
    const core = fc.record({
      perUser: fc.integer({ min: 1, max: 5 }),
      perItem: fc.integer({ min: 1, max: 5 }),
    });
    const any = fc.asyncProperty(
      fc.integer(),
      core,
      fc.constantFrom(0.5, 0.9, 1),
      async (seed, least, users) => {
        const filter = { sample: { users, seed: 1 }, minInteractions: least };
        const { fromFiles, fromStore } = await datasets(madeUp(seed, 900), filter).catch((error) => {
          // Both refuse what is too little; then there is nothing to compare.
          if (/are needed/.test(String(error))) return { fromFiles: { hash: '' }, fromStore: { hash: '' } };
          throw error;
        });
        expect(fromFiles.hash).toBe(fromStore.hash);
      },
    );
    await fc.assert(any, { numRuns: 8 });
  });

  it('holds no more rows than the core and the sample leave', async () => {
    const { duck, file } = await openFolder();
    await write(
      duck,
      file(),
      `SELECT 'u' || (range % 1000) AS "userId", 'i' || (range % 7) AS "itemId" FROM range(50000)`,
    );
    const source = { parquet: 'x', type: 'click' };
    const { counts } = await openParquet(duck, [file()], source, { sample: { users: 0.1, seed: 42 } });
    expect(counts.rows).toBe(50_000);
    expect(counts.kept).toBeGreaterThan(3_500);
    expect(counts.kept).toBeLessThan(6_500);
  });
});

describe('columns', () => {
  const read = async (query: string, source: Partial<ParquetSource> = {}) => {
    const { duck, file } = await openFolder();
    await write(duck, file(), query);
    const opened = await openParquet(duck, [file()], { parquet: 'x', ...source }, {});
    const [users, items, types] = await Promise.all(
      (['users', 'items', 'types'] as const).map((kind) => opened.dictionary(kind)),
    );
    const rows: unknown[] = [];
    for await (const chunk of opened.interactions({ chunkRows: 2 }))
      for (let at = 0; at < chunk.length; at++)
        rows.push([
          users!.get(chunk.userKey[at]!),
          items!.get(chunk.itemKey[at]!),
          types!.get(chunk.typeKey[at]!),
          chunk.value[at],
          chunk.timestamp[at],
        ]);
    return { rows, counts: opened.counts };
  };
  const noon = Date.parse('2026-03-01T12:00:00Z');

  it('have other names, ids are numbers, and one type is for all', async () => {
    const query = `SELECT 7::BIGINT AS v, 12345678901234567::BIGINT AS "the ""sku""", 3::TINYINT AS n, ${noon / 1000}::BIGINT AS w`;
    const columns = { userId: 'v', itemId: 'the "sku"', value: 'n', timestamp: 'w' };
    expect((await read(query, { columns, type: 'buy' })).rows).toEqual([
      ['7', '12345678901234567', 'buy', 3, noon],
    ]);
  });

  it.each([
    [`TIMESTAMP '2026-03-01 12:00:00'`, noon],
    [`TIMESTAMP_NS '2026-03-01 12:00:00.000000001'`, noon],
    [`DATE '2026-03-01'`, Date.parse('2026-03-01')],
    [`${noon}::BIGINT`, noon],
    [`${noon}000::BIGINT`, noon],
    [`${noon}000000::BIGINT`, noon],
    ['NULL::BIGINT', Number.NaN],
  ])('of times are read: %s', async (sql, time) => {
    const query = `SELECT 'a' AS "userId", 'b' AS "itemId", 'click' AS "type", ${sql} AS "timestamp"`;
    expect((await read(query)).rows).toEqual([['a', 'b', 'click', Number.NaN, time]]);
  });

  it('may have rows that cannot be used, which are counted', async () => {
    const query = `SELECT * FROM (VALUES ('a', 'b'), (NULL, 'b'), ('a', ''), ('${'x'.repeat(257)}', 'b')) AS t("userId", "itemId")`;
    const { rows, counts } = await read(query, { type: 'click' });
    expect(rows).toHaveLength(1);
    expect(counts).toEqual({ files: 1, rows: 4, unusable: 3, kept: 1 });
  });

  it.each([
    [`'a' AS u, 'b' AS "itemId"`, {}, /the column userId for userId is missing; the files have u, itemId/],
    [
      `'a' AS "userId", 'b' AS "itemId"`,
      { columns: { value: 'stars' } },
      /the column stars for value is missing/,
    ],
    [
      `1.5::DOUBLE AS "userId", 'b' AS "itemId"`,
      {},
      /userId must be text or whole numbers; the column is DOUBLE/,
    ],
    [`'a' AS "userId", 'b' AS "itemId"`, {}, /the rows have no type: source.type says it/],
    [`'a' AS "userId", 'b' AS "itemId", 3 AS "type"`, {}, /type must be text; the column is INTEGER/],
    [
      `'a' AS "userId", 'b' AS "itemId", 'x' AS "value"`,
      { type: 'c' },
      /value must be a number; the column is VARCHAR/,
    ],
    [`'a' AS "userId", 'b' AS "itemId", 'x' AS "timestamp"`, { type: 'c' }, /timestamp must be a timestamp/],
    [
      `'a' AS "userId", 'b' AS "itemId", 12 AS "timestamp"`,
      { type: 'c' },
      /numbers up to 12, which would be times before 1973/,
    ],
  ])('that cannot be read are refused: %s', async (select, source, why) => {
    await expect(read(`SELECT ${select}`, source)).rejects.toMatchObject({
      code: 'invalid-job',
      detail: expect.stringMatching(why),
    });
  });
});
