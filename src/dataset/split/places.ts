import type { Csr } from '../matrix.ts';

/**
 * The place of each pair in its user's history, 0 for the oldest: by time, pairs of the same time in the order in which
 * they were stored.
 * @param time [nnz] milliseconds
 * @param arrival [nnz] counted over all interactions
 * @returns [nnz]
 */
export function placesInTime(
  { rows, indptr, indices }: Csr,
  time: Float64Array,
  arrival: Int32Array,
): Int32Array {
  const places = new Int32Array(indices.length);
  for (let r = 0; r < rows; r++) {
    const from = indptr[r]!;
    const oldestFirst = Int32Array.from({ length: indptr[r + 1]! - from }, (_, i) => from + i);
    oldestFirst.sort((a, b) => ageless(time[a]!) - ageless(time[b]!) || arrival[a]! - arrival[b]!);
    for (let i = 0; i < oldestFirst.length; i++) places[oldestFirst[i]!] = i;
  }
  return places;
}

const ageless = (time: number) => (Number.isNaN(time) ? -1 : time);

/** The positions of a row in the matrix, the oldest pair first; without an order as they are stored. */
export function positionsInOrder({ indptr, order }: Csr, row: number): Int32Array {
  const from = indptr[row]!;
  const positions = Int32Array.from({ length: indptr[row + 1]! - from }, (_, i) => from + i);
  return order ? positions.sort((a, b) => order[a]! - order[b]!) : positions;
}
