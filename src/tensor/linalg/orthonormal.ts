import type { Context, Tensor } from '../backend/context.ts';
import type { Native } from '../backend/native.ts';
import { orthonormalise } from './linalg-reference.ts';
import { product } from './product.ts';

/** From so many rows per column and entries on, Householder's reflections on one core are slower than products on all. */
const TALL = 4;
const LARGE = 1 << 16;
/** A triangle whose diagonal spans more than this is left to Householder: its square would lose the small directions. */
const WELL_CONDITIONED = 1e-2;

/**
 * Orthonormal columns that span the columns of a [n,k], n >= k. Tall matrices are divided twice by the Cholesky triangle of
 * their own Gram matrix (CholeskyQR2, Yamamoto et al., ETNA 2015), which is all matrix products; where that would not be exact,
 * and elsewhere, by Householder's QR.
 */
export function orthonormal(context: Context, a: Tensor): Tensor {
  const { tf, native } = context;
  const [n, k] = a.shape as [number, number];
  if (!native)
    return tf.tensor2d(Float32Array.from(orthonormalise(Float64Array.from(a.dataSync()), n, k)), [n, k]);
  const tall = n >= TALL * k && n * k >= LARGE && dividedTwice(context, native, a);
  if (tall) return tall;
  const attrs = [native.attr.type('T', 'float32'), native.attr.bool('full_matrices', false)];
  const [q, r] = native.run('Qr', attrs, [a], 2);
  r!.dispose();
  return q!;
}

function dividedTwice(context: Context, native: Native, a: Tensor): Tensor | undefined {
  const once = divided(context, native, a);
  if (!once) return undefined;
  const twice = divided(context, native, once);
  once.dispose();
  return twice;
}

/** a R^-1 with R'R = a'a, or undefined where a is too near to a matrix of lower rank. */
function divided(context: Context, { attr, one }: Native, a: Tensor): Tensor | undefined {
  const { tf } = context;
  const k = a.shape[1]!;
  const lower = tf.tidy(() => one('Cholesky', [attr.type('T', 'float32')], [product(context, a, a, true)]));
  const diagonal = tf.tidy(() => one('MatrixDiagPart', [attr.type('T', 'float32')], [lower]).dataSync());
  const [least, most] = [Math.min(...diagonal), Math.max(...diagonal)];
  // Where the matrix is not positive definite TensorFlow fills with NaN, which fails every comparison.
  if (!(least > WELL_CONDITIONED * most)) {
    lower.dispose();
    return undefined;
  }
  return tf.tidy(() => {
    const attrs = [attr.type('T', 'float32'), attr.bool('lower', true), attr.bool('adjoint', true)];
    const inverse = one('MatrixTriangularSolve', attrs, [lower, tf.eye(k)]);
    lower.dispose();
    return product(context, a, inverse);
  });
}
