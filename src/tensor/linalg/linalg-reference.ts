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

/** Eigenvalues (descending) and eigenvectors (columns) of a symmetric a [n,n], by cyclic Jacobi rotations. */
export function symmetricEigen(a: Float64Array, n: number): { values: Float64Array; vectors: Float64Array } {
  const vectors = new Float64Array(n * n);
  for (let i = 0; i < n; i++) vectors[i * n + i] = 1;
  for (let sweep = 0; sweep < 60; sweep++) {
    let off = 0;
    let diagonal = 0;
    for (let i = 0; i < n; i++) {
      diagonal += a[i * n + i]! ** 2;
      for (let j = i + 1; j < n; j++) off += a[i * n + j]! ** 2;
    }
    if (off <= 1e-28 * diagonal) break;
    for (let p = 0; p < n; p++) for (let q = p + 1; q < n; q++) rotate(a, vectors, n, p, q);
  }
  const order = Array.from({ length: n }, (_, i) => i).sort((x, y) => a[y * n + y]! - a[x * n + x]!);
  const sorted = new Float64Array(n * n);
  order.forEach((from, to) => {
    for (let r = 0; r < n; r++) sorted[r * n + to] = vectors[r * n + from]!;
  });
  return { values: Float64Array.from(order, (i) => a[i * n + i]!), vectors: sorted };
}

function rotate(a: Float64Array, vectors: Float64Array, n: number, p: number, q: number): void {
  const apq = a[p * n + q]!;
  if (apq === 0) return;
  const theta = (a[q * n + q]! - a[p * n + p]!) / (2 * apq);
  const t = Math.sign(theta || 1) / (Math.abs(theta) + Math.sqrt(theta * theta + 1));
  const c = 1 / Math.sqrt(t * t + 1);
  const s = t * c;
  for (let k = 0; k < n; k++) {
    const akp = a[k * n + p]!;
    const akq = a[k * n + q]!;
    a[k * n + p] = c * akp - s * akq;
    a[k * n + q] = s * akp + c * akq;
  }
  for (let k = 0; k < n; k++) {
    const apk = a[p * n + k]!;
    const aqk = a[q * n + k]!;
    a[p * n + k] = c * apk - s * aqk;
    a[q * n + k] = s * apk + c * aqk;
    const vkp = vectors[k * n + p]!;
    const vkq = vectors[k * n + q]!;
    vectors[k * n + p] = c * vkp - s * vkq;
    vectors[k * n + q] = s * vkp + c * vkq;
  }
}
