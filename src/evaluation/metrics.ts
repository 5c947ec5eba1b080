/**
 * Ranking metrics of one user from the 0-based ranks of the held-out items (ascending). Relevance is binary.
 * Recall divides by the number of held-out items, as LightGCN's and HTD's published figures do, not by min(k, it).
 */

export function recallAt(ranks: ArrayLike<number>, k: number): number {
  return ranks.length === 0 ? Number.NaN : hitsAt(ranks, k) / ranks.length;
}

/** Hit rate: whether any held-out item is among the first k. */
export function hitRateAt(ranks: ArrayLike<number>, k: number): number {
  return ranks.length === 0 ? Number.NaN : Number(ranks[0]! < k);
}

/** Normalised discounted cumulative gain with log2 discount (Järvelin & Kekäläinen, TOIS 2002). */
export function ndcgAt(ranks: ArrayLike<number>, k: number): number {
  if (ranks.length === 0) return Number.NaN;
  let gain = 0;
  for (let i = 0; i < ranks.length && ranks[i]! < k; i++) gain += 1 / Math.log2(ranks[i]! + 2);
  let ideal = 0;
  for (let i = 0; i < Math.min(ranks.length, k); i++) ideal += 1 / Math.log2(i + 2);
  return gain / ideal;
}

/** Reciprocal rank of the first held-out item, 0 when it is not among the first k. */
export function reciprocalRankAt(ranks: ArrayLike<number>, k: number): number {
  if (ranks.length === 0) return Number.NaN;
  return ranks[0]! < k ? 1 / (ranks[0]! + 1) : 0;
}

function hitsAt(ranks: ArrayLike<number>, k: number): number {
  let hits = 0;
  while (hits < ranks.length && ranks[hits]! < k) hits++;
  return hits;
}

/** Share of one list's items that the other holds too; both have the same length. */
export function overlap(a: Int32Array, b: Int32Array): number {
  if (a.length === 0) return Number.NaN;
  const set = new Set(a);
  let shared = 0;
  for (const item of b) if (set.has(item)) shared++;
  return shared / a.length;
}

/**
 * log sum exp of the finite entries; -Infinity marks masked items.
 * @param max the greatest score, when it is known already
 */
export function logSumExp(scores: Float32Array, max = greatest(scores)): number {
  let sum = 0;
  for (let j = 0; j < scores.length; j++) sum += Math.exp(scores[j]! - max);
  return max + Math.log(sum);
}

function greatest(scores: Float32Array): number {
  let max = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < scores.length; j++) if (scores[j]! > max) max = scores[j]!;
  return max;
}

/** Scores with their softmax: the exponentials are taken once, however many others are compared with it. */
export interface Softmax {
  scores: Float32Array;
  /** log sum exp of the scores. */
  logSum: number;
  /** exp(score - logSum), 0 where masked. */
  shares: Float32Array;
}

/** @param shares written to when given, so that nothing is allocated */
export function softmaxOf(
  scores: Float32Array,
  logSum = logSumExp(scores),
  shares: Float32Array = new Float32Array(scores.length),
): Softmax {
  for (let j = 0; j < scores.length; j++) shares[j] = Math.exp(scores[j]! - logSum);
  return { scores, logSum, shares };
}

/** KL(p || softmax(q)) in nats; both have the same masked (-Infinity) items. */
export function klDivergence(p: Softmax, q: Float32Array, logSumQ = logSumExp(q)): number {
  const { scores, shares } = p;
  const logSumP = p.logSum;
  let sum = 0;
  for (let j = 0; j < shares.length; j++) {
    const share = shares[j]!;
    if (share > 0) sum += share * (scores[j]! - logSumP - (q[j]! - logSumQ));
  }
  return sum;
}
