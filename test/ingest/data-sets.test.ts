import { createReadStream, existsSync } from 'node:fs';
import path from 'node:path';
import { createGunzip } from 'node:zlib';
import { expect, it } from 'vitest';
import { readCsv } from '../../src/ingest/csv.ts';
import { parseInteraction, parseItem, parseUser } from '../../src/ingest/rows.ts';

const FOLDER = path.resolve(import.meta.dirname, '../../../shared/data');
const NOW = Date.parse('2026-01-01T00:00:00Z');

const parsers = {
  interactions: (raw: unknown) => parseInteraction(raw, NOW),
  items: parseItem,
  users: parseUser,
};

// Data sets of a workplace that has them beside the repository; their terms keep them out of it.
it.skipIf(!existsSync(FOLDER)).each<[string, keyof typeof parsers, string | undefined, number]>([
  ['ml-100k/ratings.csv.gz', 'interactions', undefined, 100_000],
  ['ml-100k/items.csv.gz', 'items', undefined, 1_682],
  ['ml-100k/users.csv.gz', 'users', undefined, 943],
  ['citeulike-htd/train.csv.gz', 'interactions', 'like', 115_142],
])('every row of the real file %s is good', async (name, kind, type, rows) => {
  const stream = createReadStream(path.join(FOLDER, name)).pipe(createGunzip());
  let good = 0;
  const bad: string[] = [];
  for await (const batch of readCsv(stream, kind, { type })) {
    for (const row of batch) {
      const parsed = 'reason' in row ? row : parsers[kind](row.raw);
      if ('reason' in parsed) bad.push(parsed.reason);
      else good++;
    }
  }
  expect(bad).toEqual([]);
  expect(good).toBe(rows);
});
