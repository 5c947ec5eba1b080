import type { QuantizedRows } from '../artifact/student-weights.ts';
import { BLOCK_ROWS, packBlocks } from './blocks.ts';
import { emptyTopK, push, replaceTop, sortBestFirst, type TopK } from './top-heap.ts';

export interface ScanKernel {
  /** Leaves these rows out of the next topK; may be called several times before it. */
  exclude(rows: ArrayLike<number>): void;
  /**
   * The k best rows by scale[i] * (q[i] . user) + bias[i] as float32, equal scores in row order; fewer when there are
   * fewer. Forgets the exclusions. The answer is overwritten by the next call.
   * @param user Float32 [d]
   */
  topK(user: Float32Array, k: number): TopK;
  /** The score of every row, Float32 [N]: the numbers that topK compares. */
  scoresInto(user: Float32Array, out: Float32Array): void;
}

const FIRST_CAPACITY = 64;
const LAST_GENERATION = 0xffffffff;

/**
 * Exact scan over all rows in plain typed arrays. Working memory is allocated here, and again when a larger k than
 * ever before is asked for; nothing per call. Not reentrant.
 * @param items int8 [N, d] with one scale per row
 * @param bias Float32 [N]
 */
export function createScanKernel(items: QuantizedRows, bias: Float32Array): ScanKernel {
  const count = items.rows;
  const blocks = packBlocks(items, bias);
  // In float64, so that the inner loop need not widen it again and again.
  const vector = new Float64Array(items.width);
  const lanes = new Float32Array(BLOCK_ROWS);
  // A row is excluded when its mark is the current generation: moving on to the next one clears all marks.
  const marks = new Uint32Array(count);
  let generation = 1;
  let best = emptyTopK(Math.min(FIRST_CAPACITY, count));

  function ensureCapacity(k: number): void {
    if (best.rows.length < k) best = emptyTopK(Math.min(count, Math.max(k, 2 * best.rows.length)));
  }

  function forgetExclusions(): void {
    if (generation === LAST_GENERATION) marks.fill(0);
    generation = generation === LAST_GENERATION ? 1 : generation + 1;
  }

  /** Only a strictly greater score enters a full heap: of equal ones the earlier row stays. */
  function scan(wanted: number): void {
    let threshold = Number.NEGATIVE_INFINITY;
    for (let block = 0; block < blocks.count; block++) {
      blocks.score(block, vector, lanes);
      const start = block * BLOCK_ROWS;
      const size = Math.min(BLOCK_ROWS, count - start);
      for (let lane = 0; lane < size; lane++) {
        const score = lanes[lane];
        if (!(score > threshold) || marks[start + lane] === generation) continue;
        if (best.length < wanted) push(best, start + lane, score);
        else replaceTop(best, start + lane, score);
        if (best.length === wanted) threshold = best.scores[0];
      }
    }
  }

  return {
    exclude(rows) {
      for (let i = 0; i < rows.length; i++) marks[rows[i]] = generation;
    },

    topK(user, k) {
      const wanted = Math.max(0, Math.min(k, count));
      ensureCapacity(wanted);
      vector.set(user);
      best.length = 0;
      if (wanted > 0) scan(wanted);
      sortBestFirst(best);
      forgetExclusions();
      return best;
    },

    scoresInto(user, out) {
      vector.set(user);
      for (let block = 0; block < blocks.count; block++) {
        blocks.score(block, vector, lanes);
        const start = block * BLOCK_ROWS;
        const size = Math.min(BLOCK_ROWS, count - start);
        for (let lane = 0; lane < size; lane++) out[start + lane] = lanes[lane];
      }
    },
  };
}
