/**
 * The k best items of a dense score vector, best first; of equal scores the lower row comes first, as in serving.
 * Items at -Infinity are masked and never listed, so the list may be shorter than k.
 */
export function topList(scores: Float32Array, k: number): Int32Array {
  const rows = new Int32Array(k);
  const best = new Float32Array(k);
  let n = 0;
  for (let j = 0; j < scores.length; j++) {
    const score = scores[j]!;
    if (score === Number.NEGATIVE_INFINITY || (n === k && score <= best[k - 1]!)) continue;
    let at = n < k ? n++ : k - 1;
    while (at > 0 && best[at - 1]! < score) {
      best[at] = best[at - 1]!;
      rows[at] = rows[at - 1]!;
      at--;
    }
    best[at] = score;
    rows[at] = j;
  }
  return rows.slice(0, n);
}
