import { type Csr, filterEntries, rowIdOf, rowLength } from '../matrix.ts';
import type { NewestRows } from '../newest-rows.ts';

/** A matrix with the newest interaction of each of its pairs. */
export type NewestPairs = { matrix: Csr } & NewestRows;

/**
 * The histories with at most the newest `limit` pairs of each user, as a live history has them: without times, or at the
 * same time, those that were stored last; where that is not known, those of the higher item rows.
 *
 * @param histories a part of the matrix
 */
export function keepNewest(histories: Csr, pairs: NewestPairs, limit: number): Csr {
  const dropped = new Uint8Array(histories.indices.length);
  let some = false;
  for (let u = 0; u < histories.rows; u++) {
    const excess = rowLength(histories, u) - limit;
    if (excess <= 0) continue;
    some = true;
    for (const position of oldestFirst(histories, u, pairs).slice(0, excess)) dropped[position] = 1;
  }
  return some ? filterEntries(histories, (h) => dropped[h] === 0) : histories;
}

/**
 * The histories as they are read where the newest items say most: the weight of each pair times recency ^ (how many items of the
 * history are newer), which is what serving does for a student with `recency`. What is newer is told as in keepNewest.
 *
 * @param histories a part of the matrix
 */
export function faded(histories: Csr, pairs: NewestPairs, recency: number): Csr {
  const values = histories.values.slice();
  for (let row = 0; row < histories.rows; row++) {
    let factor = 1;
    for (const position of newestFirst(histories, row, pairs)) {
      values[position]! *= factor;
      factor *= recency;
    }
  }
  return { ...histories, values };
}

/** Positions of a row in the histories, the newest first, as in keepNewest. */
export function newestFirst(histories: Csr, row: number, pairs: NewestPairs): number[] {
  return oldestFirst(histories, row, pairs).reverse();
}

/** Positions of a row in the histories, the oldest first. */
function oldestFirst(histories: Csr, row: number, { matrix, time, arrival }: NewestPairs): number[] {
  const timed: { position: number; time: number; arrival: number }[] = [];
  let p = matrix.indptr[rowIdOf(histories, row)]!;
  for (let h = histories.indptr[row]!; h < histories.indptr[row + 1]!; h++) {
    while (matrix.indices[p]! < histories.indices[h]!) p++;
    timed.push({
      position: h,
      time: Number.isNaN(time[p]!) ? -1 : time[p]!,
      arrival: arrival ? arrival[p]! : h,
    });
  }
  timed.sort((a, b) => a.time - b.time || a.arrival - b.arrival);
  return timed.map(({ position }) => position);
}
