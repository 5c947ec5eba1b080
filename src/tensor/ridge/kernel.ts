import { readFileSync } from 'node:fs';
import { builtFile } from '../../core/built-file.ts';

/** The exports of kernel/ridge.ts. Places are byte offsets into the memory. */
export interface RidgeKernel {
  bind(width: number, scratch: number): void;
  addGram(rows: number, from: number, to: number, out: number): void;
  turnRows(rows: number, count: number, panels: number): void;
  solveRows(
    solved: number,
    from: number,
    to: number,
    factors: number,
    indptr: number,
    indices: number,
    values: number,
    spectrum: number,
    ridge: number,
    base: number,
    steps: number,
    enough: number,
  ): void;
}

/** Rows that turnRows takes at most; kernel/ridge.ts has the same number. */
export const ROWS_AT_ONCE = 64;

let compiled: WebAssembly.Module | undefined;

/**
 * A kernel over this memory, which may be shared with other threads.
 * @param width floats of a row, a multiple of 8
 * @param scratch place of `scratchBytes(width)` bytes that no other kernel uses
 */
export function instantiateRidge(memory: WebAssembly.Memory, width: number, scratch: number): RidgeKernel {
  compiled ??= new WebAssembly.Module(readFileSync(builtFile('training/ridge.wasm')));
  const imports = { env: { memory } };
  const kernel = new WebAssembly.Instance(compiled, imports).exports as unknown as RidgeKernel;
  kernel.bind(width, scratch);
  return kernel;
}

/** Bytes of one kernel's own vectors and copies. */
export const scratchBytes = (width: number): number => (5 + ROWS_AT_ONCE) * width * 4;

/** Floats from one row of d numbers to the next: filled up with zeros. */
export const paddedWidth = (d: number): number => Math.ceil(d / 8) * 8;

/** Rows that are set aside for so many: tiles of the kernel take four at once. */
export const paddedRows = (rows: number): number => Math.ceil(rows / 4) * 4;
