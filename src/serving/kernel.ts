import type { QuantizedRows } from '../artifact/student-weights.ts';

/** Item rows, as a list of dense integers. */
export type Rows = ArrayLike<number>;

/** Best first. The arrays belong to the kernel: read them before its next call, up to `length`. */
export interface TopK {
  rows: Int32Array;
  scores: Float32Array;
  length: number;
}

export interface ScanKernel {
  /** Leaves these rows out of the next topK; may be called several times before it. */
  exclude(rows: Rows): void;
  /**
   * The k best rows by scale[i] * (q[i] . user) + bias[i], as float32; equal scores in row order. Fewer when there
   * are fewer. Forgets the exclusions.
   * @param user Float32 [d]
   */
  topK(user: Float32Array, k: number): TopK;
  /** The score of every row, equal to what topK compares. */
  scoresInto(user: Float32Array, out: Float32Array): void;
}

const FIRST_CAPACITY = 64;

/**
 * Exact scan over int8 rows in plain typed arrays. All working memory is allocated here (and when a larger k than
 * ever before is asked for), nothing per call. Not reentrant.
 * @param items int8 [N, d] with one scale per row
 * @param bias Float32 [N]
 */
export function createScanKernel(items: QuantizedRows, bias: Float32Array): ScanKernel {
  const { rows: count, width, q, scale } = items;
  // In float64, so that the inner loop need not widen it again and again.
  const vector = new Float64Array(width);
  const marks = new Uint32Array(count);
  let generation = 1;
  let best: TopK = emptyTopK(Math.min(FIRST_CAPACITY, count));

  function scoreOf(row: number): number {
    return Math.fround(scale[row] * dot(q, row * width, vector, width) + bias[row]);
  }

  function ensureCapacity(k: number): void {
    if (best.rows.length < k) best = emptyTopK(Math.min(count, Math.max(k, 2 * best.rows.length)));
  }

  function forgetExclusions(): void {
    if (generation++ < 0xffffffff) return;
    marks.fill(0);
    generation = 1;
  }

  return {
    exclude(rows) {
      for (let i = 0; i < rows.length; i++) marks[rows[i]] = generation;
    },

    topK(user, k) {
      vector.set(user);
      const wanted = Math.max(0, Math.min(k, count));
      ensureCapacity(wanted);
      const { rows, scores } = best;
      let length = 0;
      let row = 0;
      for (; row < count && length < wanted; row++) {
        if (marks[row] === generation) continue;
        const score = scoreOf(row);
        if (!Number.isNaN(score)) siftUp(rows, scores, length++, row, score);
      }
      // Only a strictly greater score enters: of equal ones the earlier row stays.
      let threshold = scores[0];
      for (; row < count && wanted > 0; row++) {
        const score = scoreOf(row);
        if (score > threshold && marks[row] !== generation) {
          siftDown(rows, scores, length, row, score);
          threshold = scores[0];
        }
      }
      sortHeap(rows, scores, length);
      forgetExclusions();
      best.length = length;
      return best;
    },

    scoresInto(user, out) {
      vector.set(user);
      for (let row = 0; row < count; row++) out[row] = scoreOf(row);
    },
  };
}

/** Eight steps at a time into four sums: one sum alone would wait for each addition. */
function dot(q: Int8Array, start: number, vector: Float64Array, width: number): number {
  let s0 = 0;
  let s1 = 0;
  let s2 = 0;
  let s3 = 0;
  let k = 0;
  for (const end = width - 7; k < end; k += 8) {
    const at = start + k;
    s0 += q[at] * vector[k] + q[at + 4] * vector[k + 4];
    s1 += q[at + 1] * vector[k + 1] + q[at + 5] * vector[k + 5];
    s2 += q[at + 2] * vector[k + 2] + q[at + 6] * vector[k + 6];
    s3 += q[at + 3] * vector[k + 3] + q[at + 7] * vector[k + 7];
  }
  for (; k < width; k++) s0 += q[start + k] * vector[k];
  return s0 + s1 + (s2 + s3);
}

function emptyTopK(capacity: number): TopK {
  return { rows: new Int32Array(capacity), scores: new Float32Array(capacity), length: 0 };
}

// A binary heap with the worst entry on top: the lowest score, and among equal scores the highest row.

function siftUp(rows: Int32Array, scores: Float32Array, hole: number, row: number, score: number): void {
  let at = hole;
  while (at > 0) {
    const parent = (at - 1) >> 1;
    const isWorse = score < scores[parent] || (score === scores[parent] && row > rows[parent]);
    if (!isWorse) break;
    rows[at] = rows[parent];
    scores[at] = scores[parent];
    at = parent;
  }
  rows[at] = row;
  scores[at] = score;
}

/** Replaces the top of a heap of `length`. */
function siftDown(rows: Int32Array, scores: Float32Array, length: number, row: number, score: number): void {
  let at = 0;
  for (;;) {
    let child = 2 * at + 1;
    if (child >= length) break;
    const right = child + 1;
    if (right < length && isWorseThan(rows, scores, right, child)) child = right;
    const isWorse = scores[child] < score || (scores[child] === score && rows[child] > row);
    if (!isWorse) break;
    rows[at] = rows[child];
    scores[at] = scores[child];
    at = child;
  }
  rows[at] = row;
  scores[at] = score;
}

function isWorseThan(rows: Int32Array, scores: Float32Array, a: number, b: number): boolean {
  return scores[a] < scores[b] || (scores[a] === scores[b] && rows[a] > rows[b]);
}

/** Takes the worst out again and again, to the back: what remains is best first. */
function sortHeap(rows: Int32Array, scores: Float32Array, length: number): void {
  for (let last = length - 1; last > 0; last--) {
    const row = rows[0];
    const score = scores[0];
    siftDown(rows, scores, last, rows[last], scores[last]);
    rows[last] = row;
    scores[last] = score;
  }
}
