import type { Csr } from '../../dataset/matrix.ts';

const STEPS = 30;
/** The share of the squared residual that may be left. */
const ENOUGH = 1e-9;

/**
 * The ridge regression of wanted rows on histories: P [items, width] with the least |X P - Y|^2 + l |P|^2, by conjugate
 * gradients on the sparse X, all columns at once. By default l is twice the mean weight of an item in X, so that an item that few
 * users have says little.
 *
 * @param x [rows, items], @param y [rows, width]
 */
export function fitHistories(
  x: Csr,
  y: Float32Array,
  width: number,
  lambda = 1 + (2 * x.values.reduce((sum, w) => sum + w * w, 0)) / x.columns,
): Float32Array {
  const solution = new Float32Array(x.columns * width);
  const residual = transposedTimes(x, y, width);
  const direction = residual.slice();
  const first = squares(residual, width);
  let before = first;
  for (let step = 0; step < STEPS; step++) {
    const image = transposedTimes(x, times(x, direction, width), width);
    for (let i = 0; i < image.length; i++) image[i]! += lambda * direction[i]!;
    const along = dots(direction, image, width);
    for (let i = 0; i < image.length; i++) {
      const k = i % width;
      const alpha = along[k]! > 0 ? before[k]! / along[k]! : 0;
      solution[i]! += alpha * direction[i]!;
      residual[i]! -= alpha * image[i]!;
    }
    const after = squares(residual, width);
    if (after.every((value, k) => value <= ENOUGH * first[k]!)) break;
    for (let i = 0; i < direction.length; i++) {
      const k = i % width;
      direction[i] = residual[i]! + (before[k]! > 0 ? after[k]! / before[k]! : 0) * direction[i]!;
    }
    before = after;
  }
  return solution;
}

/** X P, [rows, width] */
function times(x: Csr, p: Float32Array, width: number): Float32Array {
  const out = new Float32Array(x.rows * width);
  for (let r = 0; r < x.rows; r++) {
    for (let at = x.indptr[r]!; at < x.indptr[r + 1]!; at++) {
      const from = x.indices[at]! * width;
      const weight = x.values[at]!;
      for (let k = 0; k < width; k++) out[r * width + k]! += weight * p[from + k]!;
    }
  }
  return out;
}

/** X' Y, [items, width] */
function transposedTimes(x: Csr, y: Float32Array, width: number): Float32Array {
  const out = new Float32Array(x.columns * width);
  for (let r = 0; r < x.rows; r++) {
    for (let at = x.indptr[r]!; at < x.indptr[r + 1]!; at++) {
      const to = x.indices[at]! * width;
      const weight = x.values[at]!;
      for (let k = 0; k < width; k++) out[to + k]! += weight * y[r * width + k]!;
    }
  }
  return out;
}

function dots(a: Float32Array, b: Float32Array, width: number): Float64Array {
  const sums = new Float64Array(width);
  for (let i = 0; i < a.length; i++) sums[i % width]! += a[i]! * b[i]!;
  return sums;
}

const squares = (a: Float32Array, width: number) => dots(a, a, width);
