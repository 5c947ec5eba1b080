import type { QuantizedRows } from '../../artifact/student/student-weights.ts';
import { runAtOnce } from '../../core/slices.ts';
import { createBlockedRows, type RowMask } from './blocked-rows.ts';
import { type PackedMatrix, type PackOptions, packMatrix, scratchPlaces } from './packed-matrix.ts';
import type { TopK } from './top-heap.ts';
import { createUserBounds, type UserBounds } from './user-bounds.ts';
import { encodeUser } from './user-code.ts';
import { instantiateScan } from './wasm.ts';

export interface ScanKernel {
  /** Leaves these rows out of the next topK; may be called several times before it. */
  exclude(rows: ArrayLike<number>): void;
  /**
   * The k best rows by q[i] . user * scale[i] + bias[i] as float32, the user's vector rounded to int16 (user-code.ts);
   * equal scores in row order; fewer when there are fewer, and none with a score of NaN or -Infinity. Forgets the
   * exclusions. The answer is overwritten by the next call.
   * @param user Float32 [d]
   */
  topK(user: ArrayLike<number>, k: number, mask?: RowMask): TopK;
  /** The score of every row, Float32 [N]: the numbers that topK compares. */
  scoresInto(user: ArrayLike<number>, out: Float32Array): void;
  /** The scores of these rows, one after the other. */
  scoresOf(user: ArrayLike<number>, rows: ArrayLike<number>, out: Float32Array): void;
  /** The number of rows that the last topK looked at, and of those that it computed to the end. */
  lastScan(): { looked: number; finished: number };
}

/**
 * Exact scan in WebAssembly SIMD. Everything is packed and allocated here, so that a call allocates nothing (but once
 * when it wants more than 1,024 rows). Not reentrant.
 * @param items int8 [N, d] with one scale per row; d <= 512
 * @param bias Float32 [N]
 */
export function createScanKernel(
  items: QuantizedRows,
  bias: Float32Array,
  options: PackOptions = {},
): ScanKernel {
  return openKernel(runAtOnce(packMatrix(items, bias, options)));
}

/** @param scratch which of the memory's scratches is this kernel's */
export function openKernel(packed: PackedMatrix, scratch = 0): ScanKernel {
  const { memory, count, packedRows, stride, at, bounds } = packed;
  const places = scratchPlaces(packed, scratch);
  const wasm = instantiateScan(memory);
  wasm.bindMatrix(packedRows / 32, stride, at.q, at.scale, at.bias, at.order);
  wasm.bindBounds(
    bounds?.directions.rows ?? 0,
    at.blockNorm,
    at.blockBias,
    at.sketch,
    at.sketchScale,
    at.inside,
    at.outside,
    at.ceiling,
  );
  const codes = new Int16Array(memory.buffer, places.user, stride);
  const projected = new Int16Array(memory.buffer, places.projected, 32);
  const position = new Int32Array(memory.buffer, at.position, count);
  const blocked = createBlockedRows(new Uint8Array(memory.buffer, places.blocked, packedRows), position);
  const scores = new Float32Array(memory.buffer, places.scores, count);
  const boundUser = bounds && createUserBounds(bounds);
  const user: UserBounds = { norm: 0, inside: 0, outside: 0, projectedStep: 0, shift: 0 };
  let room = 0;
  let best: TopK = { rows: new Int32Array(0), scores: new Float32Array(0), length: 0 };

  function useHeap(rowsAt: number, scoresAt: number, size: number): void {
    room = size;
    best = {
      rows: new Int32Array(memory.buffer, rowsAt, size),
      scores: new Float32Array(memory.buffer, scoresAt, size),
      length: 0,
    };
    wasm.bindScratch(places.user, places.projected, places.blocked, rowsAt, scoresAt);
  }
  useHeap(places.heapRows, places.heapScores, places.heapRoom);

  /** Once in a kernel's life, for callers that want all rows in order. */
  function growHeap(): void {
    const pages = memory.grow(Math.ceil((count * 8) / 65_536));
    useHeap(pages * 65_536, pages * 65_536 + count * 4, count);
  }

  function scan(k: number, step: number): number {
    if (!boundUser?.(codes, step, projected, user)) return wasm.scanAll(k, step);
    const { norm, inside, outside, projectedStep, shift } = user;
    return wasm.scanBounded(k, step, norm, inside, outside, projectedStep, shift);
  }

  return {
    exclude: blocked.exclude,

    topK(vector, k, mask) {
      const wanted = Math.max(0, Math.min(k, count));
      if (wanted > room) growHeap();
      if (mask) blocked.mask(mask);
      best.length = wanted === 0 ? 0 : scan(wanted, encodeUser(vector, codes));
      blocked.clear();
      return best;
    },

    scoresInto(vector, out) {
      wasm.scoreAll(places.scores, encodeUser(vector, codes));
      out.set(scores);
    },

    scoresOf(vector, rows, out) {
      const step = encodeUser(vector, codes);
      for (let i = 0; i < rows.length; i++) out[i] = wasm.scoreOne(position[rows[i]], step);
    },

    lastScan: () => ({ looked: wasm.lastLooked(), finished: wasm.lastFinished() }),
  };
}
