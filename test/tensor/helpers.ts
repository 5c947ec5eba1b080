import { expect } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import type { Engine, Tensor } from '../../src/tensor/engine.ts';
import type { SparseBatch } from '../../src/tensor/sparse/batch.ts';
import type { Matrix } from './reference.ts';

export function randomMatrix(rows: number, columns: number, seed: number, scale = 1): Matrix {
  const rng = createRng(seed);
  return Array.from({ length: rows }, () => Array.from({ length: columns }, () => rng.normal() * scale));
}

export const flat = (matrix: Matrix): Float32Array => Float32Array.from(matrix.flat());

export function tensorOf({ tf }: Engine, matrix: Matrix): Tensor {
  return tf.tensor2d(flat(matrix), [matrix.length, matrix[0]!.length]);
}

/** The non-zero entries of a matrix as a sparse batch. */
export function sparseOf(engine: Engine, matrix: Matrix): SparseBatch {
  const indptr = [0];
  const indices: number[] = [];
  const values: number[] = [];
  for (const row of matrix) {
    row.forEach((value, j) => {
      if (value === 0) return;
      indices.push(j);
      values.push(value);
    });
    indptr.push(indices.length);
  }
  return engine.sparseRows({
    indptr: Int32Array.from(indptr),
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
    columns: matrix[0]!.length,
  });
}

/** Every number within `tolerance` of the expected one, relative to the largest expected. */
export function expectClose(actual: ArrayLike<number>, expected: ArrayLike<number>, tolerance = 1e-4): void {
  expect(actual.length).toBe(expected.length);
  const scale = Math.max(1e-3, ...Array.from(expected, Math.abs));
  for (let i = 0; i < expected.length; i++) {
    const off = Math.abs(actual[i]! - expected[i]!) / scale;
    if (!(off <= tolerance))
      expect.fail(`position ${i}: ${actual[i]} instead of ${expected[i]} (off by ${off})`);
  }
}

/** d f / d x by central differences of a plain function in double precision. */
export function numericGradient(f: (x: Matrix) => number, x: Matrix): number[] {
  const step = 1e-4;
  return x.flatMap((row, i) =>
    row.map((value, j) => {
      const at = (moved: number) => f(x.map((r, k) => (k === i ? r.with(j, moved) : r)));
      return (at(value + step) - at(value - step)) / (2 * step);
    }),
  );
}

/** d f / d x by the engine. */
export function gradient({ tf }: Engine, f: (x: Tensor) => Tensor, x: Tensor): Float32Array {
  return tf.tidy(() =>
    tf
      .grad(f as never)(x)
      .dataSync(),
  ) as Float32Array;
}
