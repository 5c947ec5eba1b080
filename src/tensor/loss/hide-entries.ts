import { problem } from '../../core/errors.ts';
import type { Context, Tensor } from '../backend/context.ts';
import { differentiable } from '../backend/differentiable.ts';
import type { SparseBatch } from '../sparse/batch.ts';
import { toDense } from '../sparse/products.ts';

/** A score that no softmax over float32 gives any share to, and that survives a division by a small temperature. */
export const HIDDEN_SCORE = -1e30;

/**
 * The scores [B,N] with those where `entries` holds a value > 0 put out of the running. Their gradient is zero, as is that
 * of every softmax loss there: so where scores came from linearScores, such a loss still sends its gradient past them.
 */
export function hideEntries(context: Context, scores: Tensor, entries: SparseBatch): Tensor {
  if (scores.rank !== 2 || scores.shape[0] !== entries.rows || scores.shape[1] !== entries.columns) {
    throw problem(
      'invalid-training-input',
      `hideEntries: scores are [${scores.shape}], entries [${entries.rows},${entries.columns}]`,
    );
  }
  if (entries.source.indices.length === 0) return scores;
  const hidden = differentiable(
    context,
    { scores },
    () => overwrite(context, scores, entries, HIDDEN_SCORE),
    (dy) => ({ scores: () => overwrite(context, dy, entries, 0) }),
  );
  const head = context.heads.get(scores);
  if (head) context.heads.set(hidden, head);
  return hidden;
}

function overwrite(context: Context, x: Tensor, entries: SparseBatch, value: number): Tensor {
  const { tf, native } = context;
  if (!native) {
    const fill = tf.fill(x.shape as [number, number], value);
    return tf.where(tf.greater(toDense(context, entries), 0), fill, x);
  }
  const { attr, one } = native;
  const values = tf.fill([entries.source.indices.length], value);
  return one(
    'TensorScatterUpdate',
    [attr.type('T', 'float32'), attr.type('Tindices', 'int64')],
    [x, entries.parts().positions, values],
  );
}
