import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';
import { HIDDEN_SCORE } from '../../tensor/loss/hide-entries.ts';

/** Scores this far below a row's greatest have no share left in float32. */
const LOWEST = -80;

/**
 * Relaxed ranking distillation (Kang et al., CIKM 2020, eq. 7): the likelihood that the student orders the teacher's list
 * as the teacher does and leaves `others` below it, in any order. Theirs is the sum over the list; this is its mean, so
 * that its weight does not depend on the list's length.
 *
 *   -1/K sum_k [ z_k - log( sum_{j >= k} e^{z_j} + sum_l e^{y_l} ) ]
 *
 * @param listed z [B, K], the list's scores in the wanted order
 * @param used [B, K] 1 where the list has an item, 0 beyond its end
 * @param others y [B, L]
 * @param othersUsed [B, L]
 */
export function rankingLoss(
  { tf }: Engine,
  listed: Tensor,
  used: Tensor,
  others: Tensor,
  othersUsed: Tensor,
): Scalar {
  const inUse = (scores: Tensor, used: Tensor) => tf.add(scores, tf.mul(tf.sub(1, used), HIDDEN_SCORE));
  const [wanted, rest] = [inUse(listed, used), inUse(others, othersUsed)];
  const top = tf.maximum(tf.max(wanted, 1, true), tf.max(rest, 1, true));
  const z = tf.maximum(tf.sub(wanted, top), LOWEST);
  const y = tf.maximum(tf.sub(rest, top), LOWEST);
  const from = tf.cumsum(tf.mul(tf.exp(z), used), 1, false, true);
  const below = tf.sum(tf.mul(tf.exp(y), othersUsed), 1, true);
  // Unused places come last: nothing is left there, and the log must stay finite.
  const chances = tf.sub(z, tf.log(tf.add(tf.add(from, below), tf.sub(1, used))));
  const rows = tf.div(tf.sum(tf.mul(chances, used), 1), tf.maximum(tf.sum(used, 1), 1));
  return tf.neg(tf.mean(rows)) as Scalar;
}
