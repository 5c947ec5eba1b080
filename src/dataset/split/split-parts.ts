import type { TimedPairs } from '../newest-rows.ts';

export const TRAIN = 0;
export const VALIDATION = 1;
export const TEST = 2;
export const FOLD_IN = 3;
/** The part of pairs that are left out of the split altogether. */
export const NOWHERE = 4;

/** The pairs that are split, with what the methods of splitting read of them. */
export interface Pairs extends TimedPairs {
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

export function drawLots({ matrix }: Pairs, next: () => number): Float64Array {
  const { order, indices } = matrix;
  const lots = new Float64Array(indices.length);
  for (let p = 0; p < lots.length; p++) lots[p] = order ? order[p]! : next();
  return lots;
}

/** Unknown times sort as the oldest: they are history, not the newest behaviour. */
function timeOf(time: number): number {
  return Number.isNaN(time) ? -1 : time;
}
