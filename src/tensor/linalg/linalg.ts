import { problem } from '../../core/errors.ts';
import type { Context, Tensor } from '../backend/context.ts';
import type { Native } from '../backend/native.ts';
import { choleskyInPlace, solveTriangular } from './linalg-reference.ts';

/** The k largest scores of every row, best first: scores [B,N] -> values [B,k], indices int32 [B,k]. Ties: the lower index first. */
export function topK({ tf }: Context, scores: Tensor, k: number): { values: Tensor; indices: Tensor } {
  const columns = scores.shape[1];
  if (scores.rank !== 2 || !Number.isInteger(k) || k < 1 || k > columns!) {
    throw problem(
      'invalid-training-input',
      `topK: k is ${k} for scores [${scores.shape}]; needed is 1 <= k <= columns`,
    );
  }
  return tf.topk(scores, k, true);
}

/** Lower triangular L with L·Lᵀ = a, for a symmetric positive definite [n,n]. */
export function cholesky(context: Context, a: Tensor): Tensor {
  const n = checkSquare('cholesky', a);
  const { native, tf } = context;
  if (native) return nativeCholesky(context, a);
  const lower = choleskyInPlace(Float64Array.from(a.dataSync()), n);
  return tf.tensor2d(Float32Array.from(lower), [n, n]);
}

/** x with a·x = b, for a symmetric positive definite [n,n] and b [n,k]. */
export function solve(context: Context, a: Tensor, b: Tensor): Tensor {
  const n = checkSquare('solve', a);
  if (b.rank !== 2 || b.shape[0] !== n) {
    throw problem('invalid-training-input', `solve: a is [${a.shape}], b is [${b.shape}]; b needs ${n} rows`);
  }
  const { native, tf } = context;
  if (native) {
    return tf.tidy(() => {
      const lower = nativeCholesky(context, a);
      return triangular(native, lower, triangular(native, lower, b, false), true);
    });
  }
  const width = b.shape[1]!;
  const lower = choleskyInPlace(Float64Array.from(a.dataSync()), n);
  const x = Float64Array.from(b.dataSync());
  solveTriangular(lower, x, n, width, false);
  solveTriangular(lower, x, n, width, true);
  return tf.tensor2d(Float32Array.from(x), [n, width]);
}

/** Inverse of a symmetric positive definite a [n,n]. */
export function inverse(context: Context, a: Tensor): Tensor {
  const n = checkSquare('inverse', a);
  return context.tf.tidy(() => solve(context, a, context.tf.eye(n)));
}

function nativeCholesky({ tf, native }: Context, a: Tensor): Tensor {
  const { attr, one } = native!;
  const lower = one('Cholesky', [attr.type('T', 'float32')], [a]);
  // TensorFlow warns and fills the result with NaN; the last entry shows it.
  const last = tf.tidy(() => tf.slice(lower, [a.shape[0]! - 1, a.shape[0]! - 1], [1, 1]).dataSync()[0]!);
  if (last > 0) return lower;
  lower.dispose();
  throw problem('invalid-training-input', 'the matrix is not positive definite');
}

function triangular({ attr, one }: Native, lower: Tensor, b: Tensor, adjoint: boolean): Tensor {
  const attrs = [attr.type('T', 'float32'), attr.bool('lower', true), attr.bool('adjoint', adjoint)];
  return one('MatrixTriangularSolve', attrs, [lower, b]);
}

function checkSquare(what: string, a: Tensor): number {
  if (a.rank !== 2 || a.shape[0] !== a.shape[1]) {
    throw problem('invalid-training-input', `${what}: the matrix is [${a.shape}]; it must be square`);
  }
  return a.shape[0]!;
}
