import { type Csr, rowLength } from '../dataset/matrix.ts';
import { ndcgAt } from './metrics.ts';
import { UNRANKED } from './ranks.ts';

const OUT = 1;
const WANTED = 2;

/** Returns the NDCG@k of row `row` of the scores, of a user. */
export type NdcgOfSome = (some: Csr, row: number, user: number) => number;

/**
 * NDCG@k of users of whom a few items have scores; held-out items without one are behind every list. Ties count against the ranker,
 * as everywhere.
 * @param data [users, items] items that no list shows, and those that are looked for
 */
export function createNdcgOfSome(
  { known, heldOut, hidden }: { known: Csr; heldOut: Csr; hidden: Int32Array },
  k: number,
): NdcgOfSome {
  const marks = new Uint8Array(heldOut.columns);
  function mark({ indptr, indices }: Csr, user: number, as: number): void {
    for (let p = indptr[user]!; p < indptr[user + 1]!; p++) marks[indices[p]!] = as;
  }
  return (some, row, user) => {
    mark(heldOut, user, WANTED);
    mark(known, user, OUT);
    for (const item of hidden) marks[item] = OUT;
    const ranks = ranksOf(some, row, marks);
    mark(heldOut, user, 0);
    mark(known, user, 0);
    for (const item of hidden) marks[item] = 0;
    const all = new Int32Array(rowLength(heldOut, user)).fill(UNRANKED);
    all.set(ranks.subarray(0, all.length));
    return ndcgAt(all, k);
  };
}

/** Ranks of the wanted items that have scores, ascending: each counts the others that score as much, and equal wanted ones before it. */
function ranksOf({ indptr, indices, values }: Csr, row: number, marks: Uint8Array): Int32Array {
  const [from, to] = [indptr[row]!, indptr[row + 1]!];
  let count = 0;
  for (let p = from; p < to; p++) if (marks[indices[p]!] === WANTED) count++;
  const wanted = new Float32Array(count);
  for (let p = from, n = 0; p < to; p++) if (marks[indices[p]!] === WANTED) wanted[n++] = values[p]!;
  wanted.sort().reverse();
  const ranks = Int32Array.from(wanted.keys());
  const least = wanted.at(-1) ?? Number.POSITIVE_INFINITY;
  for (let p = from; p < to; p++) {
    const value = values[p]!;
    if (value < least || marks[indices[p]!] !== 0) continue;
    for (let i = count - 1; i >= 0 && wanted[i]! <= value; i--) ranks[i]!++;
  }
  return ranks;
}
