import type { QuantizedRows } from '../../artifact/student/student-weights.ts';
import type { ScanKernel } from './kernel.ts';
import { emptyTopK, push, replaceTop, sortBestFirst } from './top-heap.ts';
import { encodeUser } from './user-code.ts';

/**
 * A kernel that computes every row, one after the other, in plain TypeScript. Its answers are, bit for bit, the judge of the
 * WebAssembly one in tests, and of its speed in benchmarks.
 */
export function createPlainKernel(items: QuantizedRows, bias: Float32Array): ScanKernel {
  const { rows: count, width, q, scale } = items;
  const codes = new Int16Array(width);
  const excluded = new Uint8Array(count);
  let step = 1;

  function score(row: number): number {
    let sum = 0;
    for (let k = 0; k < width; k++) sum += q[row * width + k] * codes[k];
    const scaled = Math.fround(Math.fround(sum) * scale[row]);
    return Math.fround(Math.fround(scaled * step) + bias[row]);
  }

  return {
    exclude(rows) {
      for (let i = 0; i < rows.length; i++) excluded[rows[i]] = 1;
    },

    topK(user, k, mask) {
      const best = emptyTopK(Math.max(0, Math.min(k, count)));
      step = encodeUser(user, codes);
      for (let row = 0; row < count && best.rows.length > 0; row++) {
        if (excluded[row] || mask?.allowed[row] === 0) continue;
        const found = score(row);
        if (!(found > Number.NEGATIVE_INFINITY)) continue;
        if (best.length < best.rows.length) push(best, row, found);
        else if (found > best.scores[0]) replaceTop(best, row, found);
      }
      sortBestFirst(best);
      excluded.fill(0);
      return best;
    },

    scoresInto(user, out) {
      step = encodeUser(user, codes);
      for (let row = 0; row < count; row++) out[row] = score(row);
    },

    scoresOf(user, rows, out) {
      step = encodeUser(user, codes);
      for (let i = 0; i < rows.length; i++) out[i] = score(rows[i]);
    },

    lastScan: () => ({ looked: count, finished: count }),
  };
}
