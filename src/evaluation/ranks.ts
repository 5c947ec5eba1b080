/** Held-out items with their 0-based ranks among all items that are not masked, best first. */
export interface Ranked {
  items: Int32Array;
  ranks: Int32Array;
}

/** The rank of items below the floor: beyond every list. */
export const UNRANKED = 0x7fffffff;

/**
 * Ranks of one user's held-out items, from the scores of the whole catalogue.
 *
 * Ties count against us: an item that is not relevant and scores the same comes first. So a model that gives
 * everything the same score is last, not lucky.
 *
 * @param scores [N]; entries of masked items are -Infinity
 * @param relevant item rows, none of them masked, at least one
 * @param floor items that score less are UNRANKED. With the k-th best score as floor the first k ranks are exact, and
 *   most of the catalogue needs one comparison only
 */
export function rankRelevant(
  scores: Float32Array,
  relevant: Int32Array,
  floor = Number.NEGATIVE_INFINITY,
): Ranked {
  const items = relevant.slice().sort((a, b) => scores[b]! - scores[a]! || a - b);
  let count = items.length;
  while (count > 0 && scores[items[count - 1]!]! < floor) count--;
  const ranks = new Int32Array(items.length).fill(UNRANKED);
  if (count > 0) ranks.set(exactRanks(scores, items.subarray(0, count)));
  return { items, ranks };
}

/** @param items best first */
function exactRanks(scores: Float32Array, items: Int32Array): Int32Array {
  const count = items.length;
  // atLeast[i]: how many items score at least as much as the i-th best relevant item but less than the one before.
  const atLeast = new Int32Array(count);
  const thresholds = Float32Array.from(items, (item) => scores[item]!);
  const lowest = thresholds[count - 1]!;
  for (let j = 0; j < scores.length; j++) {
    const score = scores[j]!;
    if (score >= lowest) atLeast[firstAtMost(thresholds, score)]!++;
  }
  return toRanks(atLeast, thresholds);
}

/** Index of the first (descending) threshold that the score reaches; it is known to reach the last. */
function firstAtMost(descending: Float32Array, score: number): number {
  let low = 0;
  let high = descending.length - 1;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (descending[middle]! <= score) high = middle;
    else low = middle + 1;
  }
  return low;
}

/** Equal relevant items take the last places of all that score the same, one by one. */
function toRanks(atLeast: Int32Array, thresholds: Float32Array): Int32Array {
  const ranks = new Int32Array(thresholds.length);
  let reached = 0;
  for (let start = 0; start < ranks.length; ) {
    let end = start;
    while (end + 1 < ranks.length && thresholds[end + 1] === thresholds[start]) end++;
    reached += atLeast[start]!;
    for (let i = start; i <= end; i++) ranks[i] = reached - 1 - (end - i);
    start = end + 1;
  }
  return ranks;
}
