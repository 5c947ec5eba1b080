import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gunzipSync } from 'node:zlib';
import type { Row } from '../../test/helpers/data.ts';
import { ratingsInOrder } from '../transfer/movielens.ts';

/** Interactions in the order of time, with what of them counts as a test pair. */
export interface Stream {
  name: string;
  rows: Row[];
  isTest(row: Row): boolean;
  /** Shares of the rows: those before the first slice, and each slice. */
  first: number;
  slice: number;
  about: string;
}

/** Most items of the shop have one or two users: a job over them takes an hour, and of hardly any is there anything to be found. */
const FEWEST_USERS = 5;
const FOLDER = join(process.cwd(), '..', 'shared', 'data');

/** Streams by name; the last slice is for judging alone. */
export const STREAMS: Record<string, () => Stream> = {
  'ml-100k': () => ({
    name: 'ml-100k',
    rows: ratingsInOrder(),
    isTest: ({ value }) => value! >= 4,
    first: 0.4,
    slice: 0.1,
    about: 'MovieLens-100K: the films that are rated 4 or 5',
  }),
  'retail-rocket': () => ({
    name: 'retail-rocket',
    rows: retailRocket(),
    isTest: () => true,
    first: 0.4,
    slice: 0.1,
    about: `retail-rocket: looks, carts and purchases, each as one pair, on items that at least ${FEWEST_USERS} users have`,
  }),
};

function retailRocket(): Row[] {
  const rows = ['view', 'cart', 'buy'].flatMap((type) =>
    gunzipSync(readFileSync(join(FOLDER, 'retail-rocket', `train_${type}.csv.gz`)))
      .toString()
      .trimEnd()
      .split('\n')
      .slice(1)
      .map((line) => {
        const [user = '', item = '', seconds] = line.split(',');
        return { user, item, type, timestamp: Number(seconds) * 1000 };
      }),
  );
  const takers = new Map<string, Set<string>>();
  for (const { user, item } of rows) takers.set(item, (takers.get(item) ?? new Set()).add(user));
  return rows
    .filter(({ item }) => takers.get(item)!.size >= FEWEST_USERS)
    .sort((a, b) => a.timestamp - b.timestamp);
}

/** Places where the slices begin and end: the first one's begin, and the end of each. */
export function cutsOf({ rows, first, slice }: Stream): number[] {
  const cuts: number[] = [];
  for (let share = first; share < 1 + slice / 2; share += slice)
    cuts.push(Math.min(rows.length, Math.round(share * rows.length)));
  return cuts;
}
