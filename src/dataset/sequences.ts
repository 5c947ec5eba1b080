import type { Csr } from './matrix.ts';
import { positionsInOrder } from './split/places.ts';

/** Histories as rows of one length: the newest items, oldest first, filled up on the left. */
export interface Sequences {
  rows: number;
  /** Places of a row, that of the longest history. */
  length: number;
  /** [rows * length] items; 0 where nothing is. */
  items: Int32Array;
  /** [rows] places in use: the last ones of the row. */
  lengths: Int32Array;
}

/**
 * The newest `most` items of each row.
 * @param histories in order; without one the last columns count as the newest
 */
export function toSequences(histories: Csr, most: number): Sequences {
  const { rows, indptr, indices } = histories;
  const lengths = Int32Array.from({ length: rows }, (_, r) => Math.min(most, indptr[r + 1]! - indptr[r]!));
  const length = Math.max(1, ...lengths);
  const items = new Int32Array(rows * length);
  for (let r = 0; r < rows; r++) {
    const newest = positionsInOrder(histories, r).slice(indptr[r + 1]! - indptr[r]! - lengths[r]!);
    for (let i = 0; i < newest.length; i++) {
      items[(r + 1) * length - newest.length + i] = indices[newest[i]!]!;
    }
  }
  return { rows, length, items, lengths };
}

/** The places that are in use, counted over all rows, in their order. */
export function usedPlaces({ rows, length, lengths }: Sequences): Int32Array {
  const used: number[] = [];
  for (let r = 0; r < rows; r++) {
    for (let t = length - lengths[r]!; t < length; t++) used.push(r * length + t);
  }
  return Int32Array.from(used);
}
