import { problem } from '../../core/errors.ts';
import type { Context, Tensor } from '../backend/context.ts';
import { differentiable } from '../backend/differentiable.ts';
import { type SparseBatch, sparseRows } from '../sparse/batch.ts';
import { sparseMatMul, sparseMatMulTransposed } from '../sparse/products.ts';
import { choleskyInPlace, solveTriangular } from './linalg-reference.ts';

/** Numbers in the rows that are gathered for one group: 16 MiB. */
const MOST_GATHERED = 1 << 22;
/** A group's longest row is at most this many times as long as its shortest, or this long: shorter ones are filled up. */
const STRETCH = 2;
const SHORT = 16;

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
  let systems: Systems | undefined;
  return differentiable(
    context,
    { y, diagonal },
    (save) => {
      const right = sparseMatMul(context, x, y);
      systems = (context.native ? nativeSystems : plainSystems)(context, x, y, diagonal);
      const u = systems.solve(right, systems.kept);
      save([u, y, ...systems.kept]);
      return u;
    },
    (dy, [u, factors, ...kept]) => {
      const t = systems!.solve(dy, kept);
      return {
        y: () => factorGradient(context, x, factors!, u!, t),
        diagonal: () => tf.neg(tf.mul(t, u!)),
      };
    },
  );
}

interface Systems {
  /** Tensors that `solve` needs again on the way back. */
  kept: Tensor[];
  /** [B,d] -> [B,d] */
  solve(right: Tensor, kept: readonly Tensor[]): Tensor;
}

function factorGradient(context: Context, x: SparseBatch, y: Tensor, u: Tensor, t: Tensor): Tensor {
  const { tf } = context;
  const { indptr, indices, values, columns } = x.source;
  const count = indices.length;
  if (count === 0) return tf.zerosLike(y);
  const owner = new Int32Array(count);
  for (let row = 0; row < x.rows; row++) owner.fill(row, indptr[row], indptr[row + 1]);
  return tf.tidy(() => {
    const own = tf.gather(y, tf.tensor1d(indices, 'int32'));
    const owners = tf.tensor1d(owner, 'int32');
    const dots = (users: Tensor) => tf.sum(tf.mul(own, tf.gather(users, owners)), 1).dataSync();
    const [withUser, withT] = [dots(u), dots(t)];
    const doubled = {
      indptr: Int32Array.from({ length: 2 * x.rows + 1 }, (_, row) =>
        row <= x.rows ? indptr[row]! : count + indptr[row - x.rows]!,
      ),
      indices: Int32Array.from({ length: 2 * count }, (_, at) => indices[at % count]!),
      values: Float32Array.from({ length: 2 * count }, (_, at) =>
        at < count ? values[at]! * (1 - withUser[at]!) : -values[at - count]! * withT[at - count]!,
      ),
      columns,
    };
    const pairs = sparseRows(context, doubled);
    try {
      return sparseMatMulTransposed(context, pairs, tf.concat([t, u]));
    } finally {
      pairs.dispose();
    }
  });
}

/** Batched Cholesky of rows of about the same length, which TensorFlow's threads share. */
function nativeSystems(context: Context, x: SparseBatch, y: Tensor, diagonal: Tensor): Systems {
  const { tf } = context;
  const { attr, one } = context.native!;
  const type = attr.type('T', 'float32');
  const groups = groupsOf(x, y.shape[1]!);
  const kept = groups.map((rows) => one('Cholesky', [type], [matricesOf(context, x, y, diagonal, rows)]));
  const order = groups.flat();
  const back = new Int32Array(order.length);
  for (const [at, row] of order.entries()) back[row] = at;
  return {
    kept,
    solve: (right, lowers) =>
      tf.tidy(() => {
        const parts = groups.map((rows, i) => {
          const triangular = (b: Tensor, adjoint: boolean) =>
            one(
              'MatrixTriangularSolve',
              [type, attr.bool('lower', true), attr.bool('adjoint', adjoint)],
              [lowers[i]!, b],
            );
          const own = tf.expandDims(tf.gather(right, tf.tensor1d(rows, 'int32')), 2);
          return tf.squeeze(triangular(triangular(own, false), true), [2]) as Tensor;
        });
        return tf.gather(tf.concat(parts), tf.tensor1d(back, 'int32'));
      }),
  };
}

/** [rows, d, d] */
function matricesOf({ tf }: Context, x: SparseBatch, y: Tensor, diagonal: Tensor, rows: number[]): Tensor {
  const { indptr, indices, values } = x.source;
  const d = y.shape[1]!;
  const last = rows.at(-1)!;
  const length = Math.max(1, indptr[last + 1]! - indptr[last]!);
  // Shorter rows are filled up with column 0 at weight 0.
  const ids = new Int32Array(rows.length * length);
  const roots = new Float32Array(rows.length * length);
  for (const [at, row] of rows.entries())
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) {
      ids[at * length + p - indptr[row]!] = indices[p]!;
      roots[at * length + p - indptr[row]!] = Math.sqrt(values[p]!);
    }
  return tf.tidy(() => {
    const gathered = tf.gather(y, tf.tensor1d(ids, 'int32'));
    const weighed = tf.reshape(tf.mul(gathered, tf.tensor2d(roots, [ids.length, 1])), [
      rows.length,
      length,
      d,
    ]);
    const own = tf.gather(diagonal, tf.tensor1d(rows, 'int32'));
    const diagonals = tf.mul(tf.expandDims(own, 2), tf.eye(d));
    return tf.add(tf.matMul(weighed, weighed, true), diagonals);
  });
}

/** The rows in groups of similar length, the longest of each last. */
function groupsOf({ rows, source: { indptr } }: SparseBatch, d: number): number[][] {
  const lengthOf = (row: number) => indptr[row + 1]! - indptr[row]!;
  const sorted = Array.from({ length: rows }, (_, row) => row).sort(
    (a, b) => lengthOf(a) - lengthOf(b) || a - b,
  );
  const groups: number[][] = [];
  let group: number[] = [];
  for (const row of sorted) {
    const length = lengthOf(row);
    const isLonger = group.length > 0 && length > Math.max(SHORT, STRETCH * lengthOf(group[0]!));
    if (group.length > 0 && (isLonger || (group.length + 1) * length * d > MOST_GATHERED)) {
      groups.push(group);
      group = [];
    }
    group.push(row);
  }
  groups.push(group);
  return groups;
}

/** In float64 on this thread, for backends without a Cholesky factorization. */
function plainSystems({ tf }: Context, x: SparseBatch, y: Tensor, diagonal: Tensor): Systems {
  const { indptr, indices, values } = x.source;
  const d = y.shape[1]!;
  const factors = y.dataSync();
  const diagonals = diagonal.dataSync();
  const lowers = Array.from({ length: x.rows }, (_, row) => {
    const a = new Float64Array(d * d);
    for (let k = 0; k < d; k++) a[k * d + k] = diagonals[row * d + k]!;
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++)
      addSquare(a, factors, indices[p]! * d, values[p]!, d);
    return choleskyInPlace(a, d);
  });
  return {
    kept: [],
    solve(right) {
      const out = Float32Array.from(right.dataSync());
      for (const [row, lower] of lowers.entries()) {
        const own = Float64Array.from(out.subarray(row * d, (row + 1) * d));
        solveTriangular(lower, own, d, 1, false);
        solveTriangular(lower, own, d, 1, true);
        out.set(own, row * d);
      }
      return tf.tensor2d(out, [x.rows, d]);
    },
  };
}

/** Adds weight * y y' to the lower half of a. */
function addSquare(a: Float64Array, y: ArrayLike<number>, at: number, weight: number, d: number): void {
  for (let i = 0; i < d; i++) {
    const factor = weight * y[at + i]!;
    for (let j = 0; j <= i; j++) a[i * d + j]! += factor * y[at + j]!;
  }
}
