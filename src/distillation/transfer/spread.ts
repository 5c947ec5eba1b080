import { type Csr, rowItems, selectRows } from '../../dataset/matrix.ts';

/** The height of a user's best unseen item above the mean at the start, where only the order counts. */
export const SPREAD = 6;
/**
 * The spread counts as at least this share of the way from a user's least to greatest score: unseen items that a teacher
 * tells apart by its rounding errors alone are not blown up.
 */
const LEAST_SPREAD = 0.05;
/** Users on whom the spread of the scores is measured. */
const MEASURED = 256;

/** The first rows, as many as the spread is measured on. */
export function measuredRows(histories: Csr): Csr {
  return selectRows(
    histories,
    Int32Array.from({ length: Math.min(MEASURED, histories.rows) }, (_, i) => i),
  );
}

/**
 * Mean distance of a user's best unseen item from the mean of the unseen ones. Seen items are no part of that mean: in a small
 * catalogue they may be most of it, and higher than all others.
 */
export function spreadOfScores(scores: Float32Array, own: Csr): number {
  const { spread, range } = heightsOf(scores, own);
  // Where all scores are equal, any factor leaves them so.
  return Math.max(spread, LEAST_SPREAD * range) || 1;
}

/** Means over the rows: best unseen score less the mean unseen one, and the greatest score less the least. */
function heightsOf(scores: Float32Array, own: Csr): { spread: number; range: number } {
  let [spread, range, rows] = [0, 0, 0];
  for (let r = 0; r < own.rows; r++) {
    const row = scores.subarray(r * own.columns, (r + 1) * own.columns);
    const seen = new Set(rowItems(own, r));
    if (seen.size === own.columns) continue;
    let [best, sum] = [Number.NEGATIVE_INFINITY, 0];
    let [least, greatest] = [Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY];
    row.forEach((score, item) => {
      least = Math.min(least, score);
      greatest = Math.max(greatest, score);
      if (seen.has(item)) return;
      best = Math.max(best, score);
      sum += score;
    });
    spread += best - sum / (own.columns - seen.size);
    range += greatest - least;
    rows++;
  }
  return { spread: spread / Math.max(1, rows), range: range / Math.max(1, rows) };
}
