import { problem } from '../../core/errors.ts';
import type { Context, Tensor } from '../backend/context.ts';
import { differentiable } from '../backend/differentiable.ts';
import { type SparseBatch, sparseRows } from '../sparse/batch.ts';
import { sparseMatMulTransposed } from '../sparse/products.ts';
import { createSystems, type Systems } from './systems.ts';

/**
 * The vectors of the rows of x [B,N] as ridge regressions on factors y [N,d]: with n values in row r,
 *
 *   (diag(gram + n perPair) + sum_i x_ri y_i y_i') u_r = sum_i x_ri y_i,    [B,d]
 *
 * @param gram [d], positive
 * @param perPair [1], not negative
 * @throws invalid-training-input: shapes that do not fit, or a matrix that is not positive definite
 */
export function ridgeRows(
  context: Context,
  x: SparseBatch,
  y: Tensor,
  gram: Tensor,
  perPair: Tensor,
): Tensor {
  const { tf } = context;
  const [columns, d] = y.shape;
  if (y.rank !== 2 || columns !== x.columns || gram.shape.join() !== `${d}` || perPair.size !== 1) {
    throw problem(
      'invalid-training-input',
      `ridgeRows: x is [${x.rows},${x.columns}], y [${y.shape}], gram [${gram.shape}] and perPair [${perPair.shape}]; they need y [${x.columns},d], gram [d] and perPair [1]`,
    );
  }
  const { indptr } = x.source;
  const lengths = Float32Array.from({ length: x.rows }, (_, row) => indptr[row + 1]! - indptr[row]!);
  const more = tf.mul(tf.tensor2d(lengths, [x.rows, 1]), perPair);
  return solveRows(context, x, y, tf.add(tf.reshape(gram, [1, d!]), more) as Tensor);
}

/**
 * With t_r = A_r^-1 dL/du_r and the diagonals D [B,d] the gradients are dL/dD_r = -t_r u_r (elementwise) and
 * dL/dy_i = sum_r x_ri (t_r (1 - u_r'y_i) - u_r (t_r'y_i)): none of a factorization is needed.
 */
function solveRows(context: Context, x: SparseBatch, y: Tensor, diagonal: Tensor): Tensor {
  const { tf } = context;
  const shape: [number, number] = [x.rows, y.shape[1]!];
  let systems: Systems | undefined;
  return differentiable(
    context,
    { y, diagonal },
    (save) => {
      systems = createSystems({
        x: x.source,
        factors: y.dataSync() as Float32Array,
        diagonals: diagonal.dataSync() as Float32Array,
        d: shape[1],
      });
      const u = tf.tensor2d(solvedOwn(systems), shape);
      save([u]);
      return u;
    },
    (dy, [u]) => {
      const t = tf.tensor2d(systems!.solve(dy.dataSync() as Float32Array), shape);
      return {
        y: () => factorGradient(context, x, systems!, u!, t),
        diagonal: () => tf.neg(tf.mul(t, u!)),
      };
    },
  );
}

function solvedOwn(systems: Systems): Float32Array {
  try {
    return systems.own();
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    throw problem('invalid-training-input', `ridgeRows: ${error.message}`, {}, error);
  }
}

function factorGradient(context: Context, x: SparseBatch, systems: Systems, u: Tensor, t: Tensor): Tensor {
  const { tf } = context;
  const { indptr, indices, values, columns } = x.source;
  const count = indices.length;
  const withUser = systems.products(u.dataSync() as Float32Array);
  const withT = systems.products(t.dataSync() as Float32Array);
  const doubled = {
    indptr: new Int32Array(2 * x.rows + 1),
    indices: new Int32Array(2 * count),
    values: new Float32Array(2 * count),
    columns,
  };
  doubled.indptr.set(indptr);
  for (let row = 1; row <= x.rows; row++) doubled.indptr[x.rows + row] = count + indptr[row]!;
  doubled.indices.set(indices);
  doubled.indices.set(indices, count);
  for (let p = 0; p < count; p++) {
    doubled.values[p] = values[p]! * (1 - withUser[p]!);
    doubled.values[count + p] = -values[p]! * withT[p]!;
  }
  const pairs = sparseRows(context, doubled);
  try {
    return tf.tidy(() => sparseMatMulTransposed(context, pairs, tf.concat([t, u])));
  } finally {
    pairs.dispose();
  }
}
