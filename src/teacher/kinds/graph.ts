import type { Rng } from '../../core/rng.ts';
import { type Csr, transpose } from '../../dataset/matrix.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';

/** D_u^(-activityPower / 2) R D_i^-1/2 with the sums of rows and columns as degrees. */
export function normalisedGraph(train: Csr, activityPower = 1): { matrix: Csr; itemDegrees: Float32Array } {
  const itemDegrees = new Float32Array(train.columns);
  const values = train.values.slice();
  for (let p = 0; p < values.length; p++) itemDegrees[train.indices[p]!]! += values[p]!;
  for (let r = 0; r < train.rows; r++) {
    let degree = 0;
    for (let p = train.indptr[r]!; p < train.indptr[r + 1]!; p++) degree += train.values[p]!;
    for (let p = train.indptr[r]!; p < train.indptr[r + 1]!; p++) {
      values[p] = train.values[p]! / Math.sqrt(degree ** activityPower * itemDegrees[train.indices[p]!]!);
    }
  }
  return { matrix: { ...train, values }, itemDegrees };
}

/** The matrix's leading right singular vectors, [items, rank]. */
export function leadingVectors(engine: Engine, matrix: Csr, rank: number, rng: Rng): Float32Array {
  const x = engine.sparseRows(matrix);
  const { u, v } = engine.truncatedSvd(
    {
      rows: matrix.rows,
      cols: matrix.columns,
      multiply: (right) => engine.sparseMatMul(x, right),
      multiplyTransposed: (left) => engine.sparseMatMulTransposed(x, left),
    },
    rank,
    { rng },
  );
  x.dispose();
  u.dispose();
  return readAndDispose(v);
}

export interface Graph {
  readonly matrix: Csr;
  /** h R' R, [rows, items] row-major. */
  neighbours(histories: Csr): Float32Array;
  /** R' R V, [items, width] */
  project(engine: Engine, directions: Tensor): Tensor;
}

/** Two hops over an interaction graph, in plain loops: a history reaches so few users that dense products are slower. */
export function createGraph(matrix: Csr): Graph {
  const users = transpose(matrix);
  const reached = new Float64Array(matrix.rows);
  return {
    matrix,
    neighbours(histories) {
      const out = new Float32Array(histories.rows * matrix.columns);
      for (let r = 0; r < histories.rows; r++) {
        spread(histories, r, users, reached);
        const row = out.subarray(r * matrix.columns, (r + 1) * matrix.columns);
        gatherBack(matrix, reached, row);
      }
      return out;
    },
    project(engine, directions) {
      const x = engine.sparseRows(matrix);
      try {
        return engine.sparseMatMulTransposed(x, engine.sparseMatMul(x, directions));
      } finally {
        x.dispose();
      }
    },
  };
}

function spread(histories: Csr, row: number, users: Csr, reached: Float64Array): void {
  for (let p = histories.indptr[row]!; p < histories.indptr[row + 1]!; p++) {
    const item = histories.indices[p]!;
    const weight = histories.values[p]!;
    for (let q = users.indptr[item]!; q < users.indptr[item + 1]!; q++) {
      reached[users.indices[q]!]! += weight * users.values[q]!;
    }
  }
}

/** Adds each reached user's row, and forgets what was reached. */
function gatherBack(matrix: Csr, reached: Float64Array, into: Float32Array): void {
  for (let u = 0; u < reached.length; u++) {
    const weight = reached[u]!;
    if (weight === 0) continue;
    reached[u] = 0;
    for (let p = matrix.indptr[u]!; p < matrix.indptr[u + 1]!; p++) {
      into[matrix.indices[p]!]! += weight * matrix.values[p]!;
    }
  }
}
