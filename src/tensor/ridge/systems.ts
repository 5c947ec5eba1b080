import { readFileSync } from 'node:fs';
import { builtFile } from '../../core/built-file.ts';
import type { SparseRows } from '../sparse/rows.ts';
import { paddedWidth } from './kernel.ts';
import { allocate, growTo, putRows, takeRows } from './memory.ts';

/** The exports of kernel/systems.ts. Places are byte offsets into the memory. */
interface SystemsKernel {
  bind(d: number, width: number, scaled: number, dual: number, gathered: number): void;
  bindSystems(
    factors: number,
    indptr: number,
    indices: number,
    values: number,
    diagonals: number,
    squares: number,
  ): void;
  factorize(rows: number, solutions: number): number;
  solve(rows: number, vectors: number): void;
  products(rows: number, vectors: number, out: number): void;
}

/** Positive definite systems of some rows of pairs, one each: (D_r + sum_i x_ri y_i y_i') u_r = b_r. */
export interface Systems {
  /** The solutions for b_r = sum_i x_ri y_i, [rows, d]. */
  own(): Float32Array;
  /** The solutions for other right sides, [rows, d] -> [rows, d]. */
  solve(right: Float32Array): Float32Array;
  /** y_i'v_r of every pair, [pairs]. @param vectors [rows, d] */
  products(vectors: Float32Array): Float32Array;
}

export interface SystemsData {
  x: SparseRows;
  /** [columns, d] */
  factors: Float32Array;
  /** [rows, d], positive */
  diagonals: Float32Array;
  d: number;
}

/** Pairs whose factors are gathered at once; kernel/systems.ts has the same number. */
const PAIRS_AT_ONCE = 64;

let shared: { memory: WebAssembly.Memory; kernel: SystemsKernel } | undefined;
/** The systems whose factorization lies in the shared memory. */
let resident: object | undefined;

function open() {
  if (!shared) {
    const { memory } = allocate({ all: 0 }, true);
    const code = new WebAssembly.Module(readFileSync(builtFile('training/systems.wasm')));
    const instance = new WebAssembly.Instance(code, { env: { memory } });
    shared = { memory, kernel: instance.exports as unknown as SystemsKernel };
  }
  return shared;
}

/**
 * Factorizes the systems in WebAssembly. One memory serves all; whoever comes later takes it, and systems that are asked again
 * then are factorized again.
 * @throws RangeError that names the row whose matrix is not positive definite
 */
export function createSystems(data: SystemsData): Systems {
  const { x, factors, diagonals, d } = data;
  const { indptr, indices, values } = x;
  const rows = indptr.length - 1;
  const pairs = indices.length;
  const width = paddedWidth(d);
  const { memory, kernel } = open();
  const sizes = {
    scaled: width,
    dual: width,
    gathered: Math.max(PAIRS_AT_ONCE, d) * width,
    factors: (factors.length / d) * width,
    indptr: rows + 1,
    indices: pairs,
    values: pairs,
    diagonals: rows * width,
    squares: rows * d * width,
    vectors: rows * width,
    out: pairs,
  };
  const place = {} as Record<keyof typeof sizes, number>;
  let end = 0;
  for (const [name, size] of Object.entries(sizes) as [keyof typeof sizes, number][]) {
    place[name] = end;
    end += Math.ceil(size / 16) * 64;
  }
  const self = {};

  function load(): void {
    if (resident === self) return;
    growTo(memory, end);
    const { buffer } = memory;
    resident = undefined;
    // Rows are filled up with zeros.
    if (width !== d) new Float32Array(buffer, place.factors, sizes.factors).fill(0);
    putRows(memory, place.factors, factors, d, width);
    if (width !== d) new Float32Array(buffer, place.diagonals, sizes.diagonals).fill(0);
    putRows(memory, place.diagonals, diagonals, d, width);
    new Int32Array(buffer, place.indptr, rows + 1).set(indptr);
    new Int32Array(buffer, place.indices, pairs).set(indices);
    new Float32Array(buffer, place.values, pairs).set(values);
    kernel.bind(d, width, place.scaled, place.dual, place.gathered);
    kernel.bindSystems(
      ...([place.factors, place.indptr, place.indices, place.values] as const),
      ...([place.diagonals, place.squares] as const),
    );
    const wrong = kernel.factorize(rows, place.vectors);
    if (wrong >= 0) throw new RangeError(`the matrix of row ${wrong} is not positive definite`);
    resident = self;
  }

  function putVectors(vectors: Float32Array): void {
    load();
    if (width !== d) new Float32Array(memory.buffer, place.vectors, sizes.vectors).fill(0);
    putRows(memory, place.vectors, vectors, d, width);
  }

  const vectorsNow = () => takeRows(memory, place.vectors, rows, d, width);

  return {
    own() {
      resident = undefined;
      load();
      return vectorsNow();
    },
    solve(right) {
      putVectors(right);
      kernel.solve(rows, place.vectors);
      return vectorsNow();
    },
    products(vectors) {
      putVectors(vectors);
      kernel.products(rows, place.vectors, place.out);
      return new Float32Array(memory.buffer, place.out, pairs).slice();
    },
  };
}
