import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { StoredItem } from '../../src/domain/data/catalogue.ts';
import type { Row } from '../../test/helpers/data.ts';

const FOLDER = join(process.cwd(), '..', 'shared', 'data', 'ml-100k');

function lines(file: string): string[][] {
  const text = gunzipSync(readFileSync(join(FOLDER, file))).toString();
  return text
    .trimEnd()
    .split('\n')
    .slice(1)
    .map((line) => line.split(','));
}

/** The oldest first. */
export function ratingsInOrder(): Row[] {
  return lines('ratings.csv.gz')
    .map(([user, item, value, seconds]) => ({
      user: user!,
      item: item!,
      type: 'rating',
      value: Number(value),
      timestamp: Number(seconds) * 1000,
    }))
    .sort((a, b) => a.timestamp - b.timestamp);
}

/** Without each user's newest fifth of the films rated 4 or 5, which are the test. */
export function withoutNewestLiked(ratings: readonly Row[]): Row[] {
  const liked = new Map<string, Row[]>();
  for (const row of ratings) {
    if (row.value! >= 4) liked.set(row.user, [...(liked.get(row.user) ?? []), row]);
  }
  const newest = [...liked.values()].flatMap((rows) => rows.slice(-Math.ceil(rows.length / 5)));
  const left = new Set(newest);
  return ratings.filter((row) => !left.has(row));
}

/** With genres as categories and the year as a feature. */
export function films(): Map<string, StoredItem> {
  const found = lines('items.csv.gz').map((cells): [string, StoredItem] => {
    // A title may hold commas; the id stands before it, year and genres behind it.
    const [year, genres] = cells.slice(-2);
    const categories = genres!.replaceAll('"', '').split('|').filter(Boolean);
    return [
      cells[0]!,
      {
        itemId: cells[0]!,
        title: null,
        categories,
        labels: [],
        features: { year: Number(year) },
        hidden: false,
        availableFrom: null,
        availableUntil: null,
      },
    ];
  });
  return new Map(found);
}
