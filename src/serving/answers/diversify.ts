import type { QuantizedRows } from '../../artifact/student/student-weights.ts';
import type { Sliced } from '../../core/slices.ts';

export interface RankedRows {
  rows: number[];
  scores: number[];
}

/** The number of candidates that are looked at for k places. */
export function candidatesFor(k: number): number {
  return Math.min(1000, Math.max(4 * k, k + 50));
}

/**
 * Maximal marginal relevance (Carbonell and Goldstein, SIGIR 1998): one place after the other goes to the candidate
 * with the greatest (1 - diversity) * relevance - diversity * (greatest cosine with those above it). Relevance is the
 * score, scaled so that the candidates reach from 0 to 1. Equal ones go by rank.
 * @param candidates best first
 */
export function* diversify(
  candidates: RankedRows,
  items: QuantizedRows,
  k: number,
  diversity: number,
): Sliced<RankedRows> {
  const { rows, scores } = candidates;
  const vectors = unitVectors(items, rows);
  const span = scores[0]! - scores.at(-1)! || 1;
  const relevance = scores.map((score) => (score - scores.at(-1)!) / span);
  const closest = new Float64Array(rows.length).fill(-1);
  const left = new Set(rows.keys());
  const chosen: RankedRows = { rows: [], scores: [] };
  while (chosen.rows.length < k && left.size > 0) {
    let best = -1;
    let bestValue = Number.NEGATIVE_INFINITY;
    for (const i of left) {
      const likeness = chosen.rows.length === 0 ? 0 : closest[i]!;
      const value = (1 - diversity) * relevance[i]! - diversity * likeness;
      if (value > bestValue) {
        bestValue = value;
        best = i;
      }
    }
    left.delete(best);
    chosen.rows.push(rows[best]!);
    chosen.scores.push(scores[best]!);
    for (const i of left) closest[i] = Math.max(closest[i]!, dot(vectors, items.width, i, best));
    yield;
  }
  return chosen;
}

function unitVectors({ q, width }: QuantizedRows, rows: readonly number[]): Float32Array {
  const vectors = new Float32Array(rows.length * width);
  rows.forEach((row, i) => {
    let squared = 0;
    for (let d = 0; d < width; d++) squared += q[row * width + d]! ** 2;
    const length = Math.sqrt(squared) || 1;
    for (let d = 0; d < width; d++) vectors[i * width + d] = q[row * width + d]! / length;
  });
  return vectors;
}

function dot(vectors: Float32Array, width: number, a: number, b: number): number {
  let sum = 0;
  for (let d = 0; d < width; d++) sum += vectors[a * width + d]! * vectors[b * width + d]!;
  return sum;
}
