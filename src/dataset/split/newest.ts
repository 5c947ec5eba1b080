import { type Csr, filterEntries, rowLength } from '../matrix.ts';
import type { NewestRows } from '../newest-rows.ts';

/**
 * The histories with at most the newest `limit` pairs of each user, as a live history has them: without times, or at the
 * same time, those that were stored last; where that is not known, those of the higher item rows.
 *
 * @param histories a part of the matrix, of its shape
 * @param pairs the matrix with the newest interaction of each of its pairs
 */
export function keepNewest(
  histories: Csr,
  { matrix, time, arrival }: { matrix: Csr } & NewestRows,
  limit: number,
): Csr {
  const dropped = new Uint8Array(histories.indices.length);
  let some = false;
  for (let u = 0; u < histories.rows; u++) {
    const excess = rowLength(histories, u) - limit;
    if (excess <= 0) continue;
    some = true;
    const timed: { position: number; time: number; arrival: number }[] = [];
    let p = matrix.indptr[u]!;
    for (let h = histories.indptr[u]!; h < histories.indptr[u + 1]!; h++) {
      while (matrix.indices[p]! < histories.indices[h]!) p++;
      timed.push({
        position: h,
        time: Number.isNaN(time[p]!) ? -1 : time[p]!,
        arrival: arrival ? arrival[p]! : h,
      });
    }
    timed.sort((a, b) => a.time - b.time || a.arrival - b.arrival);
    for (const { position } of timed.slice(0, excess)) dropped[position] = 1;
  }
  return some ? filterEntries(histories, (h) => dropped[h] === 0) : histories;
}
