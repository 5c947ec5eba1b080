/**
 * Ranking metrics of one user from the 0-based ranks of the held-out items (ascending). Relevance is binary.
 */

/**
 * The number that recall divides by: all held-out items, as LightGCN's and HTD's published figures do, or at most k of
 * them, as Mult-VAE's do, so that a full list can reach 1.
 */
export type RecallDenominator = 'testSize' | 'min';

export function recallAt(
  ranks: ArrayLike<number>,
  k: number,
  denominator: RecallDenominator = 'testSize',
): number {
  if (ranks.length === 0) return Number.NaN;
  return hitsAt(ranks, k) / (denominator === 'min' ? Math.min(ranks.length, k) : ranks.length);
}

/** Share of the first k places that hold a held-out item; a catalogue with fewer than k items has empty places. */
export function precisionAt(ranks: ArrayLike<number>, k: number): number {
  return ranks.length === 0 ? Number.NaN : hitsAt(ranks, k) / k;
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
