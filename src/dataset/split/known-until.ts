import { FOLD_IN, type Pairs, TEST, TRAIN, VALIDATION } from './split-parts.ts';

/**
 * [users] the moment at which a user's held-out pairs are predicted, milliseconds, not included: that of the first of them,
 * or just after the newest pair of the history where a split does not go by time. Infinite where there are no times.
 * @param part [nnz] the part of each pair
 */
export function knownUntil(
  { matrix, firstSeen }: Pairs,
  part: Uint8Array,
  predicted: typeof VALIDATION | typeof TEST,
): Float64Array {
  const until = new Float64Array(matrix.rows);
  for (let u = 0; u < matrix.rows; u++) {
    let first = Number.POSITIVE_INFINITY;
    let newest = Number.NEGATIVE_INFINITY;
    for (let p = matrix.indptr[u]!; p < matrix.indptr[u + 1]!; p++) {
      const time = firstSeen[p]!;
      if (Number.isNaN(time)) continue;
      if (part[p] === predicted) first = Math.min(first, time);
      else if (isHistory(part[p]!, predicted)) newest = Math.max(newest, time);
    }
    until[u] = Math.max(first, newest + 1);
  }
  return until;
}

function isHistory(part: number, predicted: number): boolean {
  return part === TRAIN || part === FOLD_IN || (part === VALIDATION && predicted === TEST);
}
