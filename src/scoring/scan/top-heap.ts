/** Best first once sorted. The arrays belong to whoever fills them: read up to `length` before the next call. */
export interface TopK {
  rows: Int32Array;
  scores: Float32Array;
  length: number;
}

// A binary heap with the worst entry on top: the lowest score, and among equal scores the highest row.

export function emptyTopK(capacity: number): TopK {
  return { rows: new Int32Array(capacity), scores: new Float32Array(capacity), length: 0 };
}

/** Adds an entry; there must be room. */
export function push(heap: TopK, row: number, score: number): void {
  const { rows, scores } = heap;
  let at = heap.length++;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    if (!isWorse(score, row, scores[parent], rows[parent])) break;
    rows[at] = rows[parent];
    scores[at] = scores[parent];
    at = parent;
  }
  rows[at] = row;
  scores[at] = score;
}

/** Puts an entry in the place of the worst one. */
export function replaceTop(heap: TopK, row: number, score: number): void {
  sink(heap, heap.length, row, score);
}

/** Turns the heap into a list, best first, by taking the worst out again and again to the back. */
export function sortBestFirst(heap: TopK): void {
  const { rows, scores } = heap;
  for (let last = heap.length - 1; last > 0; last--) {
    const row = rows[0];
    const score = scores[0];
    sink(heap, last, rows[last], scores[last]);
    rows[last] = row;
    scores[last] = score;
  }
}

/** Lets an entry sink from the top to its place among the first `length`. */
function sink({ rows, scores }: TopK, length: number, row: number, score: number): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= length) break;
    const right = child + 1;
    if (right < length && isWorse(scores[right], rows[right], scores[child], rows[child])) child = right;
    if (!isWorse(scores[child], rows[child], score, row)) break;
    rows[at] = rows[child];
    scores[at] = scores[child];
    at = child;
  }
  rows[at] = row;
  scores[at] = score;
}

function isWorse(scoreA: number, rowA: number, scoreB: number, rowB: number): boolean {
  return scoreA < scoreB || (scoreA === scoreB && rowA > rowB);
}
