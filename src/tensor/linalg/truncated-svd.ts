import { problem } from '../../core/errors.ts';
import type { Rng } from '../../core/rng.ts';
import { runAtOnce, type Sliced } from '../../core/slices.ts';
import type { Context, Tensor } from '../backend/context.ts';
import { orthonormal } from './orthonormal.ts';
import { product } from './product.ts';
import { symmetricEigen } from './symmetric-eigen.ts';

/** A matrix known by its products only: X is [cols,k] for multiply, [rows,k] for multiplyTransposed. */
export interface LinearOperator {
  rows: number;
  cols: number;
  multiply(x: Tensor): Tensor;
  multiplyTransposed(x: Tensor): Tensor;
}

export interface SvdOptions {
  rng: Rng;
  /** Extra columns of the random sketch; default 10. */
  oversample?: number;
  /** Double passes over the matrix that sharpen the leading subspace; default 4. */
  powerIterations?: number;
}

const DEFAULT_ITERATIONS = 4;

/** Pauses of truncatedSvdInSteps where its options leave the iterations open. */
export const SVD_STEPS = 2 * DEFAULT_ITERATIONS + 1;

export interface SingularTriplets {
  u: Tensor;
  s: Float32Array;
  v: Tensor;
}

/**
 * Leading `rank` singular triplets: u [rows,rank], s [rank] descending, v [cols,rank], with the sign fixed so that each
 * column of v has its largest entry positive. Randomised range finder with power iterations, orthonormalised after every
 * product (Halko, Martinsson & Tropp 2011, algorithms 4.4 and 5.1).
 */
export function truncatedSvd(
  context: Context,
  matrix: Tensor | LinearOperator,
  rank: number,
  options: SvdOptions,
): SingularTriplets {
  return runAtOnce(truncatedSvdInSteps(context, matrix, rank, options));
}

/** Does as truncatedSvd does, with a pause after each pass over the matrix; where it is not run to its end nothing stays behind. */
export function* truncatedSvdInSteps(
  context: Context,
  matrix: Tensor | LinearOperator,
  rank: number,
  options: SvdOptions,
): Sliced<SingularTriplets> {
  const { tf } = context;
  const operator = 'multiply' in matrix ? matrix : dense(context, matrix);
  const { rows, cols } = operator;
  const limit = Math.min(rows, cols);
  if (!Number.isInteger(rank) || rank < 1 || rank > limit) {
    throw problem(
      'invalid-training-input',
      `truncatedSvd: rank is ${rank} for a ${rows}x${cols} matrix; needed is 1..${limit}`,
    );
  }
  const width = Math.min(limit, rank + (options.oversample ?? 10));
  const start = Float32Array.from({ length: cols * width }, () => options.rng.normal());
  /** The basis at work; what was there before is released. */
  let basis = tf.tidy(() => orthonormal(context, tf.tensor2d(start, [cols, width])));
  const pass = (multiply: (x: Tensor) => Tensor) => {
    const next = tf.tidy(() => orthonormal(context, multiply(basis)));
    basis.dispose();
    basis = next;
  };
  try {
    for (let i = 0; i < (options.powerIterations ?? DEFAULT_ITERATIONS); i++) {
      pass(operator.multiply);
      yield;
      pass(operator.multiplyTransposed);
      yield;
    }
    pass(operator.multiply);
    yield;
    let s: Float32Array = new Float32Array(rank);
    const [u, v] = tf.tidy(() => {
      const small = smallSvd(context, operator.multiplyTransposed(basis), rank);
      s = small.s;
      return [product(context, basis, small.uSmall), small.v];
    }) as [Tensor, Tensor];
    return { u, s, v };
  } finally {
    basis.dispose();
  }
}

/** From Bᵀ [cols,w] with B = Qᵀ·A: eigenvectors of B·Bᵀ [w,w] give U's rotation and the singular values; v = Bᵀ·w / s. */
function smallSvd(
  context: Context,
  bt: Tensor,
  rank: number,
): { uSmall: Tensor; s: Float32Array; v: Tensor } {
  const { tf } = context;
  const width = bt.shape[1]!;
  const q = orthonormal(context, bt);
  const r = product(context, q, bt, true);
  const small = Float64Array.from(r.dataSync());
  const { values, vectors } = symmetricEigen(gram(small, width), width);
  const s = Float32Array.from({ length: rank }, (_, i) => Math.sqrt(Math.max(0, values[i]!)));
  const uSmall = new Float32Array(width * rank);
  for (let row = 0; row < width; row++) {
    for (let j = 0; j < rank; j++) uSmall[row * rank + j] = vectors[row * width + j]!;
  }
  const inverse = s.map((value) => (value > 1e-6 * (s[0] ?? 0) ? 1 / value : 0));
  const rotation = tf.tensor2d(uSmall, [width, rank]);
  const v = tf.mul(product(context, bt, rotation), tf.tensor1d(inverse));
  const largest = tf.sum(tf.mul(v, tf.cast(tf.equal(tf.abs(v), tf.max(tf.abs(v), 0)), 'float32')), 0);
  // Two largest entries may cancel each other. tf.sign would make a column of zeros of that, on wasm also of tiny sums.
  const signs = tf.sub(1, tf.mul(2, tf.cast(tf.less(largest, 0), 'float32')));
  return { uSmall: tf.mul(rotation, signs), s, v: tf.mul(v, signs) };
}

/** rᵀ·r for r [n,n]: with r from Bᵀ = Q·R this is B·Bᵀ. */
function gram(r: Float64Array, n: number): Float64Array {
  const out = new Float64Array(n * n);
  for (let k = 0; k < n; k++) {
    for (let i = 0; i < n; i++) {
      const rki = r[k * n + i]!;
      if (rki === 0) continue;
      for (let j = 0; j < n; j++) out[i * n + j]! += rki * r[k * n + j]!;
    }
  }
  return out;
}

function dense(context: Context, matrix: Tensor): LinearOperator {
  const [rows, cols] = matrix.shape as [number, number];
  return {
    rows,
    cols,
    multiply: (x) => product(context, matrix, x),
    multiplyTransposed: (x) => product(context, matrix, x, true),
  };
}
