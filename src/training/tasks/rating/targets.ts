import { type Csr, rowIdOf } from '../../../dataset/matrix.ts';
import { clipped, type RatingScale } from '../../../dataset/ratings.ts';
import type { RatingTeacher } from '../../../teacher/rating/contract.ts';
import type { Engine, Scalar, Tensor } from '../../../tensor/engine.ts';

/** The ratings that a batch is to predict, and how much each pair counts. */
export interface Target {
  /** [B, N] */
  wanted: Tensor;
  /** [B, N], 1 in sum */
  weights: Tensor;
}

export function weighedSquares({ tf }: Engine, predicted: Tensor, { wanted, weights }: Target): Scalar {
  return tf.sum(tf.mul(weights, tf.square(tf.sub(predicted, wanted)))) as Scalar;
}

/** The teacher's predictions, within the scale, of what is not rated. @param shares [items] how much an item counts */
export function softTarget(
  { tf }: Engine,
  predictions: Float32Array,
  own: Csr,
  shares: Float32Array,
  scale: RatingScale,
): Target {
  const items = own.columns;
  const wanted = clipped(predictions, scale);
  const weights = new Float32Array(wanted.length);
  let sum = 0;
  for (let r = 0; r < own.rows; r++) {
    weights.set(shares, r * items);
    for (let p = own.indptr[r]!; p < own.indptr[r + 1]!; p++) weights[r * items + own.indices[p]!] = 0;
  }
  for (const w of weights) sum += w;
  return {
    wanted: tf.tensor2d(wanted, [own.rows, items]),
    weights: tf.tensor2d(
      weights.map((w) => w / Math.max(sum, 1e-12)),
      [own.rows, items],
    ),
  };
}

/** Predictions of all users are kept up to this size, so that the teacher is asked once. */
const KEEP_BYTES = 2 ** 30;

/** Asks the teacher about each user once where all its predictions fit into memory. */
export function rememberPredictions(teacher: RatingTeacher, train: Csr): (own: Csr) => Float32Array {
  const items = train.columns;
  if (4 * train.rows * items > KEEP_BYTES) return (own) => teacher.predictions(own);
  const known = new Map<number, Float32Array>();
  return (own) => {
    const users = Array.from({ length: own.rows }, (_, r) => rowIdOf(own, r));
    if (!users.every((user) => known.has(user))) {
      const asked = teacher.predictions(own);
      users.forEach((user, r) => void known.set(user, asked.slice(r * items, (r + 1) * items)));
      return asked;
    }
    const predictions = new Float32Array(own.rows * items);
    users.forEach((user, r) => void predictions.set(known.get(user)!, r * items));
    return predictions;
  };
}

/** The ratings that the student is not shown. */
export function hardTarget({ tf }: Engine, own: Csr, seen: Csr): Target {
  const items = own.columns;
  const wanted = new Float32Array(own.rows * items);
  const weights = new Float32Array(own.rows * items);
  for (let r = 0; r < own.rows; r++) {
    for (let p = own.indptr[r]!; p < own.indptr[r + 1]!; p++) {
      wanted[r * items + own.indices[p]!] = own.values[p]!;
      weights[r * items + own.indices[p]!] = 1;
    }
    if (seen === own) continue;
    for (let p = seen.indptr[r]!; p < seen.indptr[r + 1]!; p++) weights[r * items + seen.indices[p]!] = 0;
  }
  const hidden = Math.max(1, own === seen ? own.indices.length : own.indices.length - seen.indices.length);
  return {
    wanted: tf.tensor2d(wanted, [own.rows, items]),
    weights: tf.tensor2d(
      weights.map((w) => w / hidden),
      [own.rows, items],
    ),
  };
}

/** Weighs each item, [items], by the root of one more than its ratings; one that the teacher does not know weighs nothing. */
export function itemShares(train: Csr, unknown: Int32Array = new Int32Array(0)): Float32Array {
  const counts = new Float32Array(train.columns);
  for (const item of train.indices) counts[item]!++;
  const shares = counts.map((count) => Math.sqrt(count + 1));
  for (const item of unknown) shares[item] = 0;
  return shares;
}
