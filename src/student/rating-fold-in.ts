import { quantizeRows } from '../artifact/student/quantize.ts';
import type { StudentWeights } from '../artifact/student/student-weights.ts';
import type { Rng } from '../core/rng.ts';
import { type Csr, rowLength } from '../dataset/matrix.ts';
import type { RatingScale } from '../dataset/ratings.ts';
import type { Engine, Tensor } from '../tensor/engine.ts';
import { readAndDispose } from '../tensor/read.ts';
import type { SparseBatch } from '../tensor/sparse/batch.ts';
import type { NamedValues } from '../tensor/train/named-values.ts';
import type { OptimizerSettings } from '../tensor/train/optimizer.ts';
import { createParameters, type NamedTensors, type Parameters } from '../tensor/train/parameters.ts';
import { roundRows } from './rounding.ts';

export interface RatingStudentSettings {
  dimensions: number;
  /** A user's bias is the mean of what is left of n ratings without the items' biases, times n / (n + shrinkage). */
  shrinkage: number;
}

/** Known before training: what is left of a rating without them is what the student folds in. */
export interface RatingBase {
  mean: number;
  /** [items] */
  itemBias: Float32Array;
  scale: RatingScale;
}

/** Histories as the network takes them. */
export interface RatingInput {
  /** [B, N] (r - mean - b_i) / sqrt(n) */
  residuals: SparseBatch;
  /** [B, N] 1 / sqrt(n) where there is a rating */
  rated: SparseBatch;
  /** [B, 1] mean + b_u */
  offsets: Tensor;
  dispose(): void;
}

/**
 * The rating student: u = b + sum_i ((r_i - mean - b_i) X_i + Y_i) / sqrt(n), rating of item j = mean + b_u + c_j + E_j u
 * (asymmetric SVD: Koren, KDD 2008, eq. 13). Ratings alone make a user's vector, so that new users need no training.
 */
export interface RatingStudent {
  parameters: Parameters;
  input(ratings: Csr): RatingInput;
  /** Predictions, not clipped, [B, N]. @param rounded whether the item matrices are seen as they will be stored */
  predict(p: NamedTensors, input: RatingInput, rounded?: boolean): Tensor;
  /** Predictions of the weights as they are now, before rounding: [rows, items] row-major, not clipped. */
  predictions(histories: Csr): Float32Array;
  weights(): Pick<StudentWeights, 'itemsIn' | 'itemsOut' | 'userBias' | 'itemBias'>;
  dispose(): void;
}

/** Start values of a rating student; `itemBias` begins at the items' own means. */
export function ratingStart({ itemBias }: RatingBase, dimensions: number, rng: Rng): NamedValues {
  const items = itemBias.length;
  const normals = (length: number) => Float32Array.from({ length }, () => 0.05 * rng.normal());
  return {
    itemsIn: { shape: [items, 2 * dimensions], values: normals(2 * items * dimensions) },
    itemsOut: { shape: [items, dimensions], values: normals(items * dimensions) },
    userBias: { shape: [dimensions], values: new Float32Array(dimensions) },
    itemBias: { shape: [items], values: itemBias.slice() },
  };
}

export function createRatingStudent(
  engine: Engine,
  items: number,
  settings: RatingStudentSettings,
  base: RatingBase,
  optimizer: OptimizerSettings,
  start: NamedValues,
): RatingStudent {
  const { tf } = engine;
  const d = settings.dimensions;
  const parameters = createParameters(engine, start, optimizer);

  function input(ratings: Csr): RatingInput {
    const { residuals, rated, offsets } = foldRatings(ratings, base, settings.shrinkage);
    const [x, ones] = [engine.sparseRows(residuals), engine.sparseRows(rated)];
    const column = tf.tensor2d(offsets, [ratings.rows, 1]);
    return {
      residuals: x,
      rated: ones,
      offsets: column,
      dispose() {
        x.dispose();
        ones.dispose();
        column.dispose();
      },
    };
  }

  function predict(p: NamedTensors, { residuals, rated, offsets }: RatingInput, rounded = false): Tensor {
    const asStored = (rows: Tensor) => (rounded ? roundRows(engine, rows, 'int8') : rows);
    const into = asStored(p.itemsIn!);
    const explicit = tf.slice(engine.sparseMatMul(residuals, into), [0, 0], [-1, d]);
    const implicit = tf.slice(engine.sparseMatMul(rated, into), [0, d], [-1, d]);
    const user = tf.add(tf.add(explicit, implicit), p.userBias!);
    return tf.add(engine.linearScores(user, asStored(p.itemsOut!), p.itemBias), offsets);
  }

  return {
    parameters,
    input,
    predict,
    predictions(histories) {
      const folded = input(histories);
      const scores = parameters.evaluate((p) => predict(p, folded));
      folded.dispose();
      return readAndDispose(scores);
    },
    weights: () => ({
      itemsIn: quantizeRows(parameters.read('itemsIn'), items, 2 * d, 'int8'),
      itemsOut: quantizeRows(parameters.read('itemsOut'), items, d, 'int8'),
      userBias: parameters.read('userBias'),
      itemBias: parameters.read('itemBias'),
    }),
    dispose: () => parameters.dispose(),
  };
}

/** Folds ratings into what they say beyond the items' own means: two sparse matrices and the offset of each row. */
export function foldRatings(
  ratings: Csr,
  { mean, itemBias }: Pick<RatingBase, 'mean' | 'itemBias'>,
  shrinkage: number,
): { residuals: Csr; rated: Csr; offsets: Float32Array } {
  const residuals = new Float32Array(ratings.indices.length);
  const rated = new Float32Array(ratings.indices.length);
  const offsets = new Float32Array(ratings.rows);
  for (let r = 0; r < ratings.rows; r++) {
    const n = rowLength(ratings, r);
    const norm = 1 / Math.sqrt(Math.max(1, n));
    let sum = 0;
    for (let p = ratings.indptr[r]!; p < ratings.indptr[r + 1]!; p++) {
      const residual = ratings.values[p]! - mean - itemBias[ratings.indices[p]!]!;
      sum += residual;
      residuals[p] = residual * norm;
      rated[p] = norm;
    }
    offsets[r] = mean + sum / (n + shrinkage);
  }
  return { residuals: { ...ratings, values: residuals }, rated: { ...ratings, values: rated }, offsets };
}

/** Mean of all ratings and each item's mean distance from it, shrunk as for a user. */
export function ratingBase(ratings: Csr, shrinkage: number): { mean: number; itemBias: Float32Array } {
  const mean = ratings.values.reduce((sum, r) => sum + r, 0) / Math.max(1, ratings.values.length);
  const itemBias = new Float32Array(ratings.columns);
  const counts = new Int32Array(ratings.columns);
  ratings.indices.forEach((item, p) => {
    itemBias[item]! += ratings.values[p]! - mean;
    counts[item]!++;
  });
  return { mean, itemBias: itemBias.map((sum, i) => sum / (counts[i]! + shrinkage)) };
}
