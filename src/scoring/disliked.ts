import type { QuantizedRows } from '../artifact/student/student-weights.ts';

/** Items that a user dislikes: distinct item rows, the newest first, and the weight of each. */
export interface Disliked {
  rows: Int32Array;
  weights: Float32Array;
}

/** How far a vector is moved, see createAway. Low ratings of MovieLens-100K move none: they cost NDCG@10 and won little. */
const DISLIKE_SHARE = 0.1;
/** More than these, the newest, say nothing more. */
const MOST_DISLIKED = 100;

/**
 * Moves a user's vector away from what the user dislikes, in place: v - share * |v| * m, with m the weighted mean of the disliked
 * items' directions. It is the negative term of Rocchio's relevance feedback (The SMART Retrieval System, 1971), and the same for
 * every student, of whatever release. Items like those that are disliked fall by their likeness.
 */
export function createAway({ q, width }: QuantizedRows, share = DISLIKE_SHARE) {
  const mean = new Float64Array(width);
  return (vector: Float32Array, { rows, weights }: Disliked): void => {
    mean.fill(0);
    let total = 0;
    let count = 0;
    for (let i = 0; i < rows.length && count < MOST_DISLIKED; i++) {
      // Low ratings move nothing, and take no place of what does.
      if (weights[i] === 0) continue;
      count++;
      const length = lengthOf(q, rows[i] * width, width);
      if (length === 0) continue;
      addRow(mean, q, rows[i] * width, weights[i] / length);
      total += weights[i];
    }
    if (total === 0) return;
    const factor = (share * Math.hypot(...vector)) / total;
    for (let k = 0; k < width; k++) vector[k] -= factor * mean[k];
  };
}

function lengthOf(q: Int8Array, at: number, width: number): number {
  let squared = 0;
  for (let k = 0; k < width; k++) squared += q[at + k] ** 2;
  return Math.sqrt(squared);
}

function addRow(sum: Float64Array, q: Int8Array, at: number, factor: number): void {
  for (let k = 0; k < sum.length; k++) sum[k] += factor * q[at + k];
}
