import { problem } from '../../core/errors.ts';

/** Dense linear algebra in Float64 on the JS thread: for small matrices, and for backends without these ops. Row-major. */

/** Replaces a symmetric positive definite a [n,n] by its lower Cholesky factor (zeros above). */
export function choleskyInPlace(a: Float64Array, n: number): Float64Array {
  for (let j = 0; j < n; j++) {
    for (let i = j; i < n; i++) {
      let sum = a[i * n + j]!;
      for (let k = 0; k < j; k++) sum -= a[i * n + k]! * a[j * n + k]!;
      if (i === j) {
        if (!(sum > 0)) throw problem('invalid-training-input', 'the matrix is not positive definite');
        a[j * n + j] = Math.sqrt(sum);
      } else {
        a[i * n + j] = sum / a[j * n + j]!;
      }
    }
    for (let i = 0; i < j; i++) a[i * n + j] = 0;
  }
  return a;
}

/** Solves L·x = b, or Lᵀ·x = b, in place for b [n,width]. */
export function solveTriangular(
  lower: Float64Array,
  b: Float64Array,
  n: number,
  width: number,
  transposed: boolean,
): void {
  for (let step = 0; step < n; step++) {
    const i = transposed ? n - 1 - step : step;
    const from = transposed ? i + 1 : 0;
    const to = transposed ? n : i;
    for (let k = from; k < to; k++) {
      const factor = transposed ? lower[k * n + i]! : lower[i * n + k]!;
      if (factor === 0) continue;
      for (let c = 0; c < width; c++) b[i * width + c]! -= factor * b[k * width + c]!;
    }
    const pivot = lower[i * n + i]!;
    for (let c = 0; c < width; c++) b[i * width + c]! /= pivot;
  }
}

/** Orthonormal columns spanning the columns of a [n,k], by modified Gram-Schmidt run twice. Dependent columns become zero. */
export function orthonormalise(a: Float64Array, n: number, k: number): Float64Array {
  for (let j = 0; j < k; j++) {
    const before = columnNorm(a, n, k, j);
    for (let pass = 0; pass < 2; pass++) {
      for (let i = 0; i < j; i++) {
        let dot = 0;
        for (let r = 0; r < n; r++) dot += a[r * k + i]! * a[r * k + j]!;
        if (dot === 0) continue;
        for (let r = 0; r < n; r++) a[r * k + j]! -= dot * a[r * k + i]!;
      }
    }
    const norm = columnNorm(a, n, k, j);
    const scale = norm > 1e-10 * before && norm > 0 ? 1 / norm : 0;
    for (let r = 0; r < n; r++) a[r * k + j]! *= scale;
  }
  return a;
}

function columnNorm(a: Float64Array, n: number, k: number, j: number): number {
  let sum = 0;
  for (let r = 0; r < n; r++) sum += a[r * k + j]! ** 2;
  return Math.sqrt(sum);
}
