import type { Rng } from '../../core/rng.ts';
import { runAtOnce, type Sliced } from '../../core/slices.ts';
import { type Csr, transpose } from '../../dataset/matrix.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { truncatedSvdInSteps } from '../../tensor/linalg/truncated-svd.ts';
import { readAndDispose } from '../../tensor/read.ts';
import { gramRows } from './gram.ts';
import { BAND_ROWS, createItemMatrix } from './item-matrix.ts';

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
  return runAtOnce(leadingVectorsInSteps(engine, matrix, rank, rng));
}

/** Pauses as truncatedSvdInSteps does. */
export function* leadingVectorsInSteps(
  engine: Engine,
  matrix: Csr,
  rank: number,
  rng: Rng,
): Sliced<Float32Array> {
  const x = engine.sparseRows(matrix);
  try {
    const operator = {
      rows: matrix.rows,
      cols: matrix.columns,
      multiply: (right: Tensor) => engine.sparseMatMul(x, right),
      multiplyTransposed: (left: Tensor) => engine.sparseMatMulTransposed(x, left),
    };
    const { u, v } = yield* truncatedSvdInSteps(engine, operator, rank, { rng });
    u.dispose();
    return readAndDispose(v);
  } finally {
    x.dispose();
  }
}

/** Two hops over an interaction graph R [users, items], from items to items. */
export interface Graph {
  /** h R' R, [rows, items] */
  neighbours(histories: Csr): Tensor;
  /** R' R V, [items, width] */
  project(directions: Tensor): Tensor;
  dispose(): void;
}

/** Makes the form that is cheaper, with a pause after each band of the dense one. */
export function* createGraph(engine: Engine, matrix: Csr): Sliced<Graph> {
  return isWorthDense(matrix, engine.memoryMiB) ? yield* dense(engine, matrix) : sparse(engine, matrix);
}

/** Slices of createGraph. */
export const graphSlices = (items: number): number => Math.ceil(items / SLICE_ROWS);

/** A row of a dense matrix is added at this many numbers in the time of one that a walk adds somewhere. */
const DENSE_ADDITIONS = 4;
/** Rows of R' R that are computed at once. */
const SLICE_ROWS = 512;

/**
 * Compares the additions for the scores of all users: walking the graph anew for each, or computing R' R [items, items] once and
 * adding its rows. Where most items meet in some history a walk reaches nearly all pairs from everywhere.
 *
 * @param memoryMiB R' R is computed only where it takes no more
 */
export function isWorthDense(matrix: Csr, memoryMiB: number): boolean {
  const { rows, columns, indices, indptr } = matrix;
  if (columns ** 2 * Float32Array.BYTES_PER_ELEMENT > memoryMiB * 2 ** 20) return false;
  const degrees = new Float64Array(columns);
  for (const item of indices) degrees[item]!++;
  const perUser = indices.length / Math.max(1, rows);
  let walked = 0;
  let once = 0;
  for (let row = 0; row < rows; row++) {
    let first = 0;
    for (let p = indptr[row]!; p < indptr[row + 1]!; p++) first += degrees[indices[p]!]!;
    // The users that so many ways end at, if they end at random.
    walked += first + rows * (1 - Math.exp(-first / rows)) * perUser;
    once += (indptr[row + 1]! - indptr[row]!) ** 2;
  }
  return once + (indices.length * columns) / DENSE_ADDITIONS < walked;
}

function* dense(engine: Engine, matrix: Csr): Sliced<Graph> {
  const { tf } = engine;
  const users = transpose(matrix);
  const items = matrix.columns;
  const bands: Tensor[] = [];
  let isDone = false;
  try {
    for (let from = 0; from < items; from += BAND_ROWS) {
      const height = Math.min(BAND_ROWS, items - from);
      const values = new Float32Array(height * items);
      for (let at = 0; at < height; at += SLICE_ROWS) {
        const to = Math.min(height, at + SLICE_ROWS);
        values.set(gramRows(matrix, users, from + at, from + to, items), at * items);
        yield;
      }
      bands.push(tf.tensor2d(values, [height, items]));
    }
    isDone = true;
  } finally {
    if (!isDone) tf.dispose(bands);
  }
  const gram = createItemMatrix(engine, bands);
  return { neighbours: gram.scores, project: gram.times, dispose: gram.dispose };
}

/** In plain loops: a history reaches so few users that dense products are slower. */
function sparse(engine: Engine, matrix: Csr): Graph {
  const users = transpose(matrix);
  const reached = new Float64Array(matrix.rows);
  return {
    neighbours(histories) {
      const out = new Float32Array(histories.rows * matrix.columns);
      for (let r = 0; r < histories.rows; r++) {
        spread(histories, r, users, reached);
        const row = out.subarray(r * matrix.columns, (r + 1) * matrix.columns);
        gatherBack(matrix, reached, row);
      }
      return engine.tf.tensor2d(out, [histories.rows, matrix.columns]);
    },
    project(directions) {
      const x = engine.sparseRows(matrix);
      try {
        return engine.tf.tidy(() => engine.sparseMatMulTransposed(x, engine.sparseMatMul(x, directions)));
      } finally {
        x.dispose();
      }
    },
    dispose() {},
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
