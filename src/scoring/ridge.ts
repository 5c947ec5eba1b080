import type { QuantizedRows } from '../artifact/student/student-weights.ts';
import { type FoldMemory, openFoldMemory, paddedWidth } from './fold-kernel.ts';
import { solveInDouble } from './ridge-double.ts';

/**
 * The solution u of (D + sum_i w_i y_i y_i') u = sum_i w_i y_i for few or many rows y_i [d] of a matrix and a diagonal D, in WebAssembly
 * SIMD (kernel/fold.ts): the shorter side decides the size of the matrix that is factorized, and the answer has the accuracy of float32.
 * Where the equations are too ill-conditioned for that it comes from Cholesky in float64. The memory is reused.
 */
export interface Ridge {
  /** @param gram [d] of the diagonal, to which `more` is added @param most rows that will be added */
  begin(gram: Float32Array, more: number, most: number): void;
  /** Adds a row of the matrix with a weight. */
  add(row: number, weight: number): void;
  /** Writes factor * u; zeros where nothing was added. */
  solveInto(out: Float64Array, factor: number): void;
}

/** Rows that the memory holds before it is replaced by a larger one. */
const FEW_ROWS = 64;

export function createRidge({ q, scale, width }: QuantizedRows): Ridge {
  const columns = paddedWidth(width);
  // Four numbers at once, where the rows lie so that they can be read like that.
  const words =
    width % 4 === 0 && q.byteOffset % 4 === 0 ? new Int32Array(q.buffer, q.byteOffset, q.length >> 2) : null;
  const [source, length, step] = words ? [words, width / 4, columns / 4] : [q, width, columns];
  let memory: FoldMemory;
  let target: Int32Array | Int8Array;
  let n = 0;

  function useRoomFor(rows: number): void {
    memory = openFoldMemory(columns, rows);
    const { buffer, byteOffset } = memory.bytes;
    target = words ? new Int32Array(buffer, byteOffset, memory.bytes.length >> 2) : memory.bytes;
  }
  useRoomFor(FEW_ROWS);

  return {
    begin(gram, more, most) {
      n = 0;
      if (most > memory.most) useRoomFor(2 * most);
      for (let k = 0; k < width; k++) memory.diagonal[k] = gram[k] + more;
    },
    add(row, weight) {
      const root = Math.sqrt(weight);
      memory.roots[n] = root;
      memory.steps[n] = root * scale[row];
      copyRow(target, n * step, source, row * length, length);
      n++;
    },
    solveInto(out, factor) {
      out.fill(0);
      if (n === 0) return;
      if (!memory.solve(n)) solveInDouble(memory, n);
      for (let k = 0; k < width; k++) out[k] = factor * memory.solution[k];
    },
  };
}

/** A function of its own runs faster than a loop within the loop. */
function copyRow(
  to: Int32Array | Int8Array,
  at: number,
  from: Int32Array | Int8Array,
  start: number,
  length: number,
): void {
  for (let k = 0; k < length; k++) to[at + k] = from[start + k];
}
