import { hashOfId, mixHashes } from '../../core/id-hash.ts';
import { type Csr, filterEntries } from '../matrix.ts';
import type { TimedPairs } from '../newest-rows.ts';

export const TRAIN = 0;
export const VALIDATION = 1;
export const TEST = 2;
export const FOLD_IN = 3;
/** The part of pairs that are left out of the split altogether. */
export const NOWHERE = 4;

/** The pairs that are split, with what the methods of splitting read of them. */
export interface Pairs extends TimedPairs {
  /** Ids of the rows. */
  users: readonly string[];
  /** Ids of the columns. */
  items: readonly string[];
  /** [nnz] TRAIN, VALIDATION or TEST by the type under which the pair was imported; only for a split by types. */
  part?: Uint8Array;
}

/**
 * The positions from..to of the matrix, oldest first. Pairs without a time, or of the same time, come in the order of
 * their lots, which are random: the order of storage may follow the item ids, which would bias the held-out set. Where
 * order counts, it is the matrix's own that decides.
 */
export function oldestFirst(from: number, to: number, time: Float64Array, lot: Float64Array): number[] {
  const positions = Array.from({ length: to - from }, (_, i) => from + i);
  return positions.sort((a, b) => timeOf(time[a]!) - timeOf(time[b]!) || lot[a]! - lot[b]!);
}

/** [nnz] the lot of each pair, the same for the same ids and seed whatever else is in the data; where order counts, its place. */
export function drawLots(pairs: Pairs, seed: number): Float64Array {
  const { order } = pairs.matrix;
  return order ? Float64Array.from(order) : hashesOfPairs(pairs, seed);
}

/** [nnz] a hash of each pair's user id and item id, see core/id-hash.ts. */
export function hashesOfPairs(
  { users, items, matrix: { rows, indptr, indices } }: Pick<Pairs, 'users' | 'items' | 'matrix'>,
  seed: number,
): Float64Array {
  const ofItems = Float64Array.from(items, (id) => hashOfId(id, seed));
  const hashes = new Float64Array(indices.length);
  for (let u = 0; u < rows; u++) {
    const ofUser = hashOfId(users[u]!, seed);
    for (let p = indptr[u]!; p < indptr[u + 1]!; p++) hashes[p] = mixHashes(ofUser, ofItems[indices[p]!]!);
  }
  return hashes;
}

/** Unknown times sort as the oldest: they are history, not the newest behaviour. */
function timeOf(time: number): number {
  return Number.isNaN(time) ? -1 : time;
}

/** The pairs of the users that are wanted, of the matrix's shape. */
export function pairsOf(m: Csr, isWanted: (user: number) => boolean): Csr {
  const wanted = new Uint8Array(m.indices.length);
  for (let u = 0; u < m.rows; u++) if (isWanted(u)) wanted.fill(1, m.indptr[u]!, m.indptr[u + 1]!);
  return filterEntries(m, (p) => wanted[p] === 1);
}
