import type { Rng } from '../core/rng.ts';
import { hideRandomly } from './batches.ts';
import { type Csr, filterEntries, rowLength, selectRows } from './matrix.ts';

/** Least and most share of a history that a copy lacks. */
const LACKING = { least: 0.2, most: 0.8 };
/** Copies of all histories together, so that the teacher's answers on them stay affordable. */
const MOST_COPIES = 30_000;

/** Copies that alsoThinned makes of so many histories. */
export function copiesOf(histories: number, copies: number): number {
  return Math.min(MOST_COPIES, copies * histories);
}

/**
 * The histories, and after them copies of them in which a random part is missing, a share of its own in each. The teacher is asked
 * about the copies as well: taught on whole histories alone a student learns its users by heart, and knows little of what the
 * teacher says of others.
 * @param copies of each history of two items or more, as far as all of them stay affordable
 * @returns [users and copies, items]
 */
export function alsoThinned(all: Csr, copies: number, rng: Rng): Csr {
  const users = Int32Array.from({ length: all.rows }, (_, user) => user);
  const long = users.filter((user) => rowLength(all, user) > 1);
  if (copies <= 0 || long.length === 0) return all;
  const wanted = copiesOf(long.length, copies);
  const chosen: number[] = [];
  while (chosen.length < wanted)
    chosen.push(...rng.shuffle(long.slice()).subarray(0, wanted - chosen.length));
  const longer = selectRows(all, [...users, ...chosen]);
  const keep = new Uint8Array(longer.indices.length).fill(1);
  for (let row = all.rows; row < longer.rows; row++) {
    const share = LACKING.least + (LACKING.most - LACKING.least) * rng.next();
    const own = selectRows(longer, [row]);
    const kept = new Set(hideRandomly(own, share, rng).indices);
    for (let p = longer.indptr[row]!; p < longer.indptr[row + 1]!; p++)
      keep[p] = Number(kept.has(longer.indices[p]!));
  }
  return filterEntries(longer, (p) => keep[p] === 1);
}
