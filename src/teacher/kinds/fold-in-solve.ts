import { type Csr, rowLength, selectRows } from '../../dataset/matrix.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { choleskyInPlace, solveTriangular } from '../../tensor/linalg/linalg-reference.ts';

export interface Ridge {
  /** Weight of every pair that was not observed, whose score should be 0. */
  unobservedWeight: number;
  /**
   * The regularization of one observed pair; a row of n pairs is held to 0 with regularization * (n + unobservedWeight *
   * columns).
   */
  regularization: number;
}

/** Numbers in the factors that are gathered for one batch, and in its matrices: 32 MiB and 64 MiB. */
const MAX_GATHERED = 1 << 23;
const MAX_MATRICES = 1 << 24;

/**
 * The vectors u of the rows of `observed` that are best for given factors Y [columns, d] of the columns:
 *
 *   (sum_j x_j y_j y_j' + a0 Y'Y + l (n + a0 N) I) u = sum_j x_j y_j
 *
 * which is what iALS looks for (Rendle et al., RecSys 2022, with the regularisation scaled by frequency) and, with the trained
 * item factors, the vector of a user who was never seen. Rows of about the same length are solved in one batch.
 *
 * @returns [rows, d], zero for rows without pairs
 */
export function solveRows(engine: Engine, factors: Tensor, observed: Csr, ridge: Ridge): Float32Array {
  const d = factors.shape[1]!;
  const out = new Float32Array(observed.rows * d);
  const gram = gramOf(engine, factors, ridge.unobservedWeight);
  try {
    for (const rows of batches(observed, d)) {
      const solved = solveBatch(engine, factors, gram, selectRows(observed, rows), ridge);
      for (const [i, row] of rows.entries()) out.set(solved.subarray(i * d, (i + 1) * d), row * d);
    }
  } finally {
    gram.dispose();
  }
  return out;
}

/** a0 Y'Y, [d, d] */
function gramOf({ tf }: Engine, factors: Tensor, unobservedWeight: number): Tensor {
  return tf.tidy(() => tf.mul(tf.matMul(factors, factors, true), unobservedWeight));
}

/** Rows with pairs, in groups of similar length. */
function batches(observed: Csr, d: number): number[][] {
  const mostRows = Math.max(1, Math.floor(MAX_MATRICES / (d * d)));
  const rows = Array.from({ length: observed.rows }, (_, r) => r).filter((r) => rowLength(observed, r) > 0);
  rows.sort((a, b) => rowLength(observed, a) - rowLength(observed, b));
  const groups: number[][] = [];
  let group: number[] = [];
  for (const row of rows) {
    // Ascending: this row is the longest of its group so far.
    const full = group.length >= mostRows || (group.length + 1) * rowLength(observed, row) * d > MAX_GATHERED;
    if (group.length > 0 && full) {
      groups.push(group);
      group = [];
    }
    group.push(row);
  }
  if (group.length > 0) groups.push(group);
  return groups;
}

/** [rows, d]; the last row is the longest. */
function solveBatch(engine: Engine, factors: Tensor, gram: Tensor, rows: Csr, ridge: Ridge): Float32Array {
  const { tf } = engine;
  const [columns, d] = factors.shape as [number, number];
  const length = rowLength(rows, rows.rows - 1);
  const ids = new Int32Array(rows.rows * length);
  // Shorter rows are filled up with column 0 at weight 0.
  const weights = new Float32Array(rows.rows * length);
  const diagonal = new Float32Array(rows.rows);
  for (let r = 0; r < rows.rows; r++) {
    const from = rows.indptr[r]!;
    const n = rowLength(rows, r);
    ids.set(rows.indices.subarray(from, from + n), r * length);
    weights.set(rows.values.subarray(from, from + n), r * length);
    diagonal[r] = ridge.regularization * (n + ridge.unobservedWeight * columns);
  }
  const [a, b] = tf.tidy(() => {
    const y = tf.reshape(engine.gatherRows(factors, ids), [rows.rows, length, d]);
    const weighed = tf.mul(y, tf.tensor3d(weights, [rows.rows, length, 1]));
    const own = tf.matMul(tf.transpose(weighed, [0, 2, 1]), y);
    const ridgeTerm = tf.mul(tf.eye(d), tf.tensor3d(diagonal, [rows.rows, 1, 1]));
    return [tf.add(tf.add(own, gram), ridgeTerm), tf.sum(weighed, 1)];
  }) as [Tensor, Tensor];
  const solved = solveEach(engine, a, b);
  tf.dispose([a, b]);
  return solved;
}

/** a [n,d,d] positive definite, b [n,d] -> [n,d] */
function solveEach({ tf, native }: Engine, a: Tensor, b: Tensor): Float32Array {
  const [n, d] = b.shape as [number, number];
  if (native) {
    const solved = tf.tidy(() => {
      const { attr, one } = native;
      const lower = one('Cholesky', [attr.type('T', 'float32')], [a]);
      const triangular = (right: Tensor, adjoint: boolean) =>
        one(
          'MatrixTriangularSolve',
          [attr.type('T', 'float32'), attr.bool('lower', true), attr.bool('adjoint', adjoint)],
          [lower, right],
        );
      return triangular(triangular(tf.expandDims(b, 2), false), true);
    });
    const values = solved.dataSync() as Float32Array;
    solved.dispose();
    return values;
  }
  const matrices = a.dataSync();
  const out = Float32Array.from(b.dataSync());
  for (let i = 0; i < n; i++) {
    const lower = choleskyInPlace(Float64Array.from(matrices.subarray(i * d * d, (i + 1) * d * d)), d);
    const x = Float64Array.from(out.subarray(i * d, (i + 1) * d));
    solveTriangular(lower, x, d, 1, false);
    solveTriangular(lower, x, d, 1, true);
    out.set(x, i * d);
  }
  return out;
}
