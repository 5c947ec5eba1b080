import { parquetWriteBuffer } from 'hyparquet-writer';
import { describe, expect, it } from 'vitest';
import type { ImportSpec } from '../../src/domain/data/import.ts';
import { layoutOf } from '../../src/domain/data/reading/presets.ts';
import type { ReadingNotes } from '../../src/domain/data/reading/reading.ts';
import { readFile } from '../../src/ingest/read-file.ts';
import { inChunks } from './read-all.ts';

const BEYOND = 2n ** 53n + 1n;
const file = Buffer.from(
  parquetWriteBuffer({
    rowGroupSize: 2,
    columnData: [
      { name: 'user', data: [BEYOND, 7n, 8n], type: 'INT64' },
      { name: 'film', data: ['a', 'b', null], type: 'STRING' },
      { name: 'stars', data: [4.5, 3, 2], type: 'DOUBLE' },
      {
        name: 'when',
        data: [1, 2, 3].map((day) => new Date(`2026-03-0${day}T12:00:00Z`)),
        type: 'TIMESTAMP',
      },
    ],
  }),
);
const columns = { userId: ['user'], itemId: ['film'], rating: ['stars'], timestamp: ['when'] };

async function read(bytes: Buffer, part: Partial<ImportSpec> = {}) {
  const all = { type: 'import', kind: 'interactions', format: 'parquet', columns, ...part };
  const set = Object.entries(all).filter(([, value]) => value !== undefined);
  const spec = Object.fromEntries(set) as ImportSpec;
  const notes: ReadingNotes = {};
  const rows: unknown[] = [];
  for await (const batch of readFile({ name: 'x', bytes: inChunks(bytes, 100) }, spec, notes, undefined))
    rows.push(...batch.map((row) => ('raw' in row ? { line: row.line, ...(row.raw as object) } : row)));
  return { rows, notes };
}

describe('Parquet', () => {
  it('is read over its row groups, with exact ids and times', async () => {
    const { rows, notes } = await read(file);
    expect(rows).toEqual([
      {
        line: 1,
        userId: String(BEYOND),
        itemId: 'a',
        type: 'rating',
        value: 4.5,
        timestamp: Date.parse('2026-03-01T12:00:00Z'),
      },
      {
        line: 2,
        userId: '7',
        itemId: 'b',
        type: 'rating',
        value: 3,
        timestamp: Date.parse('2026-03-02T12:00:00Z'),
      },
      { line: 3, userId: '8', type: 'rating', value: 2, timestamp: Date.parse('2026-03-03T12:00:00Z') },
    ]);
    expect(notes.timestamps).toEqual({ timestamp: 'iso' });
  });

  it.each([
    ['another format is named', file, { format: 'csv' }, /say format=parquet/],
    ['the file is none', Buffer.from('userId,itemId\n'.repeat(10)), {}, /no Parquet: .* say format=csv/],
    [
      'the file ends in the middle',
      file.subarray(0, file.length - 20),
      {},
      /The Parquet file cannot be read/,
    ],
  ] as const)('is refused when %s', async (_, bytes, part, reason) => {
    await expect(read(bytes, part)).rejects.toMatchObject({ detail: expect.stringMatching(reason) });
  });
});

const EPOCH = 964_982_703;
const movies = (when: Parameters<typeof parquetWriteBuffer>[0]['columnData'][number]) =>
  Buffer.from(
    parquetWriteBuffer({
      columnData: [
        { name: 'userId', data: [1n, 1n], type: 'INT64' },
        { name: 'movieId', data: [31n, 47n], type: 'INT64' },
        { name: 'rating', data: [2.5, 5], type: 'DOUBLE' },
        when,
      ],
    }),
  );
const seconds = movies({ name: 'timestamp', data: [BigInt(EPOCH), BigInt(EPOCH + 1)], type: 'INT64' });
const dates = movies({
  name: 'timestamp',
  data: [new Date(EPOCH * 1000), new Date(EPOCH * 1000 + 1000)],
  type: 'TIMESTAMP',
});

describe('a preset on Parquet', () => {
  const { columns } = layoutOf('movielens-32m', 'interactions', 'parquet')!;
  const auto = { format: undefined, columns: undefined, preset: 'auto' } as unknown as Partial<ImportSpec>;

  it.each([
    ['numbers', seconds, { columns }],
    ['timestamps', dates, { columns }],
    ['guessed columns', seconds, auto],
  ])('maps columns by their names, with times as %s', async (_, bytes, part) => {
    const { rows } = await read(bytes, part);
    expect(rows[0]).toEqual({
      ...{ line: 1, userId: '1', itemId: '31', type: 'rating', value: 2.5 },
      timestamp: EPOCH * 1000,
    });
  });

  it('is guessed by the names, and says it', async () => {
    expect((await read(seconds, auto)).notes.preset).toMatch(/^movielens-/);
    expect((await read(file, { ...auto, columns: { userId: ['user'] } })).notes.preset).toBe('none');
  });

  it('is that of JSON where the data set is published as such', () => {
    expect(layoutOf('amazon-2023', 'interactions', 'parquet')).toMatchObject({
      format: 'parquet',
      columns: { userId: expect.arrayContaining(['user_id']) },
    });
  });

  it('is none where columns go by their numbers', () => {
    expect(layoutOf('movielens-1m', 'interactions', 'parquet')).toBeUndefined();
  });
});
