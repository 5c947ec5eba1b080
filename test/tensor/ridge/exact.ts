import type { Rng } from '../../../src/core/rng.ts';
import { choleskyInPlace, solveTriangular } from '../../../src/tensor/linalg/linalg-reference.ts';
import type { Ridge } from '../../../src/tensor/ridge/ridge.ts';
import type { SparseRows } from '../../../src/tensor/sparse/rows.ts';

/** The rows' vectors by Cholesky in float64, [rows, d]: the plain form of what src/tensor/ridge computes. */
export function exactRows(observed: SparseRows, y: Float32Array, d: number, ridge: Ridge): Float64Array {
  const { indptr, indices, values, columns } = observed;
  const out = new Float64Array((indptr.length - 1) * d);
  for (let row = 0; row + 1 < indptr.length; row++) {
    const [from, to] = [indptr[row]!, indptr[row + 1]!];
    if (from === to) continue;
    const a = new Float64Array(d * d);
    const b = new Float64Array(d);
    const add = (item: number, weight: number) => {
      for (let i = 0; i < d; i++)
        for (let j = 0; j < d; j++) a[i * d + j]! += weight * y[item * d + i]! * y[item * d + j]!;
    };
    for (let item = 0; item < columns; item++) add(item, ridge.unobservedWeight);
    for (let p = from; p < to; p++) {
      add(indices[p]!, values[p]!);
      for (let k = 0; k < d; k++) b[k]! += values[p]! * y[indices[p]! * d + k]!;
    }
    for (let k = 0; k < d; k++)
      a[k * d + k]! += ridge.regularization * (to - from + ridge.unobservedWeight * columns);
    choleskyInPlace(a, d);
    solveTriangular(a, b, d, 1, false);
    solveTriangular(a, b, d, 1, true);
    out.set(b, row * d);
  }
  return out;
}

/** Pairs at random places with weights of 0.5 to 1.5; the second row has none. */
export function randomPairs(rng: Rng, rows: number, columns: number, density: number): SparseRows {
  const indptr = [0];
  const indices: number[] = [];
  for (let row = 0; row < rows; row++) {
    for (let item = 0; row !== 1 && item < columns; item++) if (rng.next() < density) indices.push(item);
    indptr.push(indices.length);
  }
  const values = Float32Array.from(indices, () => 0.5 + rng.next());
  return { indptr: Int32Array.from(indptr), indices: Int32Array.from(indices), values, columns };
}
