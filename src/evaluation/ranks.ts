/**
 * Ranks of one user's held-out items among all items that are not masked, from the scores alone.
 *
 * Ties count against us: an item that is not relevant and scores the same comes first. So a model that gives
 * everything the same score is last, not lucky.
 *
 * @param scores [N]; entries of masked items are -Infinity
 * @param relevant item rows, none of them masked
 * @returns 0-based ranks, ascending, one per relevant item
 */
export function ranksOf(scores: Float32Array, relevant: Int32Array): Int32Array {
  const count = relevant.length;
  const thresholds = new Float32Array(count);
  for (let i = 0; i < count; i++) thresholds[i] = scores[relevant[i]!]!;
  thresholds.sort();
  // ahead[i]: how many items of the catalogue score at least thresholds[i] but less than thresholds[i + 1].
  const ahead = new Int32Array(count);
  const lowest = thresholds[0]!;
  for (let j = 0; j < scores.length; j++) {
    const score = scores[j]!;
    if (score < lowest) continue;
    ahead[lastAtMost(thresholds, score)]!++;
  }
  const ranks = new Int32Array(count);
  let above = 0;
  for (let i = count - 1; i >= 0; i--) {
    above += ahead[i]!;
    ranks[count - 1 - i] = above;
  }
  return toZeroBased(ranks, thresholds);
}

/** Index of the last threshold that is not above the score; the first is known not to be. */
function lastAtMost(thresholds: Float32Array, score: number): number {
  let low = 0;
  let high = thresholds.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (thresholds[middle]! <= score) low = middle;
    else high = middle - 1;
  }
  return low;
}

/**
 * `counts[i]` is, for the i-th best relevant item, the number of items that score at least as much, itself included.
 * Equal relevant items share the lowest place of their group: within it they take the last places one by one.
 */
function toZeroBased(counts: Int32Array, ascending: Float32Array): Int32Array {
  const n = counts.length;
  const ranks = new Int32Array(n);
  let i = 0;
  while (i < n) {
    let end = i;
    while (end + 1 < n && ascending[n - 1 - (end + 1)] === ascending[n - 1 - i]) end++;
    const groupLast = counts[end]! - 1;
    for (let g = i; g <= end; g++) ranks[g] = groupLast - (end - g);
    i = end + 1;
  }
  return ranks;
}
