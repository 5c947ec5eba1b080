/**
 * The k best items of a dense score vector, best first; of equal scores the lower row comes first, as in serving.
 * Items at -Infinity are masked and never listed, so the list may be shorter than k.
 */
export function topList(scores: Float32Array, k: number): Int32Array {
  const rows = new Int32Array(k);
  if (k === 0) return rows;
  const best = new Float32Array(k);
  let n = 0;
  // What a score must exceed; nearly every item of a large catalogue needs this one comparison only.
  let floor = Number.NEGATIVE_INFINITY;
  for (let j = 0; j < scores.length; j++) {
    const score = scores[j]!;
    if (!(score > floor)) continue;
    let at = n < k ? n++ : k - 1;
    while (at > 0 && best[at - 1]! < score) {
      best[at] = best[at - 1]!;
      rows[at] = rows[at - 1]!;
      at--;
    }
    best[at] = score;
    rows[at] = j;
    if (n === k) floor = best[k - 1]!;
  }
  return rows.slice(0, n);
}
