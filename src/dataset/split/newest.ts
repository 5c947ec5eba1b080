import { type Csr, filterEntries, rowLength } from '../matrix.ts';

/**
 * The histories with at most the newest `limit` pairs of each user; without times, or at the same time, those of the
 * higher item rows.
 *
 * @param histories a part of the matrix, of its shape
 * @param pairs the matrix and [nnz] the time of each of its pairs, milliseconds or NaN
 */
export function keepNewest(
  histories: Csr,
  { matrix, firstSeen }: { matrix: Csr; firstSeen: Float64Array },
  limit: number,
): Csr {
  const dropped = new Uint8Array(histories.indices.length);
  let some = false;
  for (let u = 0; u < histories.rows; u++) {
    const excess = rowLength(histories, u) - limit;
    if (excess <= 0) continue;
    some = true;
    const timed: { position: number; time: number }[] = [];
    let p = matrix.indptr[u]!;
    for (let h = histories.indptr[u]!; h < histories.indptr[u + 1]!; h++) {
      while (matrix.indices[p]! < histories.indices[h]!) p++;
      timed.push({ position: h, time: Number.isNaN(firstSeen[p]!) ? -1 : firstSeen[p]! });
    }
    timed.sort((a, b) => a.time - b.time || a.position - b.position);
    for (const { position } of timed.slice(0, excess)) dropped[position] = 1;
  }
  return some ? filterEntries(histories, (h) => dropped[h] === 0) : histories;
}
