import { dequantizeRows } from '../../artifact/student/quantize.ts';
import type { StudentWeights } from '../../artifact/student/student-weights.ts';
import { type Csr, selectRows } from '../../dataset/matrix.ts';
import { fitHistories } from '../../teacher/kinds/fit-histories.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';

/** A linear map from encoded features to vectors of items: the mean of all, and what each column adds to it. */
export interface ItemMap {
  width: number;
  /** [width] */
  mean: Float32Array;
  /** [columns, width] */
  table: Float32Array;
}

/** Pairs at which half of an item's row counts as learned. */
const HALF_LEARNED = 5;
/** Columns of an item beyond which features count as dense. */
const DENSE = 64;
/** Numbers of dense rows at most: 32 MiB. */
const MOST_DENSE = 1 << 23;
/** More items than these add time and little else. */
const MOST_FITTED = 50_000;

/** [items] how well each item's row is learned, from 0 to 1. @param popularity weight of each item in training */
export function howWellLearned(popularity: Float32Array): Float32Array {
  return popularity.map((weight) => weight / (weight + HALF_LEARNED));
}

/** [items, d + 1] rows of the items in the space that is scanned, each with its bias behind it. */
export function rowsWithBias({ itemsOut, itemBias }: StudentWeights): Float32Array {
  const { rows, width } = itemsOut;
  const values = dequantizeRows(itemsOut);
  const joined = new Float32Array(rows * (width + 1));
  for (let row = 0; row < rows; row++) {
    joined.set(values.subarray(row * width, (row + 1) * width), row * (width + 1));
    joined[row * (width + 1) + width] = itemBias[row]!;
  }
  return joined;
}

/**
 * Fits rows of items to their features by weighted ridge regression (Gantner et al., Learning attribute-to-feature mappings for
 * cold-start recommendations, ICDM 2010), by conjugate gradients on the sparse features.
 *
 * @param bags [items, columns]
 * @param targets [items, width]
 * @param weights [items] how much each counts, 0 for those that are left out
 * @param engine solves dense features, such as vectors, at once
 * @param most items that are fitted: those with the greatest weights
 */
export function fitItemMap(
  bags: Csr,
  targets: Float32Array,
  weights: Float32Array,
  ridge: number,
  engine: Engine,
  most = MOST_FITTED,
): ItemMap {
  const width = targets.length / bags.rows;
  const isDense = bags.indices.length > DENSE * bags.rows;
  const fitting = isDense ? Math.floor(MOST_DENSE / bags.columns) : most;
  const rows = bestLearned(weights, Math.min(most, fitting));
  const mean = new Float32Array(width);
  const total = rows.reduce((sum, row) => sum + weights[row]!, 0) || 1;
  for (const row of rows)
    for (let k = 0; k < width; k++) mean[k]! += (weights[row]! / total) * targets[row * width + k]!;
  // Rows times the roots of their weights make weighted squares of plain ones.
  const x = selectRows(bags, rows);
  const y = new Float32Array(rows.length * width);
  for (const [i, row] of rows.entries()) {
    const root = Math.sqrt(weights[row]!);
    for (let p = x.indptr[i]!; p < x.indptr[i + 1]!; p++) x.values[p]! *= root;
    for (let k = 0; k < width; k++) y[i * width + k] = root * (targets[row * width + k]! - mean[k]!);
  }
  return { width, mean, table: isDense ? solveDense(engine, x, y, ridge) : fitHistories(x, y, width, ridge) };
}

/** (X'X + ridge)^-1 X'Y, as fitHistories has it. */
function solveDense(engine: Engine, x: Csr, y: Float32Array, ridge: number): Float32Array {
  const { tf } = engine;
  const table = tf.tidy(() => {
    const sparse = engine.sparseRows(x);
    const dense = engine.toDense(sparse);
    sparse.dispose();
    const targets = tf.tensor2d(y, [x.rows, y.length / x.rows]);
    const gram = tf.add(tf.matMul(dense, dense, true), tf.mul(tf.eye(x.columns), ridge)) as Tensor;
    return engine.solve(gram, tf.matMul(dense, targets, true));
  });
  return readAndDispose(table);
}

/** Rows with a weight, the greatest `most` of them, ascending. */
function bestLearned(weights: Float32Array, most: number): Int32Array {
  const rows = Int32Array.from(weights.keys()).filter((row) => weights[row]! > 0);
  if (rows.length <= most) return rows;
  return rows
    .sort((a, b) => weights[b]! - weights[a]! || a - b)
    .slice(0, most)
    .sort();
}
