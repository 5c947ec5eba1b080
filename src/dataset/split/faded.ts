import { type Csr, rowIdOf } from '../matrix.ts';
import type { NewestRows } from '../newest-rows.ts';

/**
 * The histories as they are read where the newest items say most: the weight of each pair times recency ^ (how many items of the
 * history are newer), which is what serving does for a student with `recency`. Pairs of the same time go by when they were stored.
 *
 * @param histories rows of the matrix, or parts of them
 * @param pairs the matrix with the newest interaction of each of its pairs
 */
export function faded(
  histories: Csr,
  { matrix, time, arrival }: { matrix: Csr } & NewestRows,
  recency: number,
): Csr {
  const values = histories.values.slice();
  for (let row = 0; row < histories.rows; row++) {
    const from = histories.indptr[row]!;
    let p = matrix.indptr[rowIdOf(histories, row)]!;
    const own = Array.from({ length: histories.indptr[row + 1]! - from }, (_, i) => {
      const position = from + i;
      while (matrix.indices[p]! < histories.indices[position]!) p++;
      const known = time[p]!;
      return {
        position,
        time: Number.isNaN(known) ? -1 : known,
        arrival: arrival ? arrival[p]! : position,
      };
    });
    own.sort((a, b) => b.time - a.time || b.arrival - a.arrival);
    let factor = 1;
    for (const { position } of own) {
      values[position]! *= factor;
      factor *= recency;
    }
  }
  return { ...histories, values };
}
