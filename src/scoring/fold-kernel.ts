import { readFileSync } from 'node:fs';
import { builtFile } from '../core/built-file.ts';

/** The exports of kernel/fold.ts. */
interface FoldExports {
  bind(columns: number, most: number, at: number): void;
  /** Answers 0 where the equations are too ill-conditioned. */
  solve(count: number): number;
}

/** The place where a user's equations are written, and their solution. */
export interface FoldMemory {
  /** Numbers of a row, a multiple of 8. */
  columns: number;
  /** Rows that there is room for. */
  most: number;
  /** Int8 [most, columns], filled up with zeros. */
  bytes: Int8Array;
  /** [most] roots of the weights, and these times the rows' steps. */
  roots: Float32Array;
  steps: Float32Array;
  /** [columns] Columns that only fill up have a 1. */
  diagonal: Float32Array;
  /** [columns] */
  solution: Float32Array;
  /** Solves for the first rows; false where the equations are too ill-conditioned for it. */
  solve(rows: number): boolean;
}

const PAGE = 65_536;

let compiled: WebAssembly.Module | undefined;

/** Numbers from one row of d numbers to the next. */
export const paddedWidth = (d: number): number => Math.ceil(d / 8) * 8;

/** A kernel with a memory of its own, laid out as kernel/fold.ts has it. */
export function openFoldMemory(columns: number, rows: number): FoldMemory {
  const most = Math.ceil(rows / 8) * 8;
  const short = Math.min(columns, most);
  const floats = 2 * most + 2 * columns + Math.max(columns ** 2, short ** 2) + 6 * Math.max(columns, most);
  const pages = Math.ceil((5 * most * columns + 4 * floats) / PAGE);
  const memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: true });
  compiled ??= new WebAssembly.Module(readFileSync(builtFile('serving/fold.wasm')));
  const { exports } = new WebAssembly.Instance(compiled, { env: { memory } });
  const kernel = exports as unknown as FoldExports;
  kernel.bind(columns, most, 0);
  const { buffer } = memory;
  const stepsAt = most * columns;
  const diagonalAt = stepsAt + 8 * most;
  return {
    columns,
    most,
    bytes: new Int8Array(buffer, 0, most * columns),
    steps: new Float32Array(buffer, stepsAt, most),
    roots: new Float32Array(buffer, stepsAt + 4 * most, most),
    diagonal: new Float32Array(buffer, diagonalAt, columns).fill(1),
    solution: new Float32Array(buffer, diagonalAt + 4 * columns, columns),
    solve: (count) => kernel.solve(count) !== 0,
  };
}
