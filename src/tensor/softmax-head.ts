import type { Context, Tensor } from './context.ts';
import { differentiable } from './differentiable.ts';
import { product } from './product.ts';

/** The layer that logits came from: logits = h·eᵀ + c. */
export interface Head {
  h: Tensor;
  e: Tensor;
  c?: Tensor;
}

/** exp of every score less its row's maximum: the softmax before its division, [B,N], with shifted scores and row sums [B,1]. */
export interface ExpRows {
  shifted: Tensor;
  exp: Tensor;
  sum: Tensor;
}

/** Scores this near to zero need no shift: their exp neither overflows nor vanishes in float32, summed over any catalogue. */
const SAFE = 60;

export function expRows(context: Context, scores: Tensor): ExpRows {
  const { tf } = context;
  const shifted = tf.tidy(() => {
    const top = tf.max(scores, 1, true);
    return needsShift(context, top) ? tf.sub(scores, top) : scores.clone();
  });
  const exp = tf.exp(shifted);
  return { shifted, exp, sum: tf.sum(exp, 1, true) };
}

/** Looking costs a wait on a GPU, where the pass over the scores that it can save is cheap. */
function needsShift({ report }: Context, top: Tensor): boolean {
  return report.name === 'gpu' || !(top.dataSync() as Float32Array).every((value) => Math.abs(value) < SAFE);
}

/** A gradient of logits that has not been multiplied out: diag(scale)·matrix, matrix [B,N], scale [B,1] or scalar. */
export interface LogitGradient {
  matrix: Tensor;
  scale: Tensor;
}

/**
 * A loss on logits whose gradient skips the logits: where they came from linearScores, the gradient goes straight to h, e and c.
 * The row scale is then applied to the small matrices, which saves passes over [B,N].
 *
 * @param forward gives the loss; what it saves reaches `gradient`
 * @param gradient how logits would change, times dy
 */
export function logitLoss(
  context: Context,
  logits: Tensor,
  forward: (save: (tensors: Tensor[]) => void) => Tensor,
  gradient: (dy: Tensor, saved: Tensor[]) => LogitGradient,
): Tensor {
  const { tf } = context;
  const head = context.heads.get(logits);
  if (!head || head.h.isDisposed || head.e.isDisposed || head.c?.isDisposed) {
    return differentiable(context, { logits }, forward, (dy, saved) => ({
      logits: () => {
        const { matrix, scale } = gradient(dy, saved);
        return tf.mul(matrix, scale);
      },
    }));
  }
  const { h, e, c } = head;
  const forwardWithHead = (save: (tensors: Tensor[]) => void) =>
    forward((tensors) => save([h, e, ...tensors]));
  const backward = (dy: Tensor, [savedH, savedE, ...saved]: Tensor[]) => ({
    h: () => hiddenGradient(context, gradient(dy, saved), savedE!),
    e: () => itemGradient(context, gradient(dy, saved), savedH!),
  });
  if (!c) return differentiable(context, { h, e }, forwardWithHead, backward);
  return differentiable(context, { h, e, c }, forwardWithHead, (dy, saved) => ({
    ...backward(dy, saved),
    c: () => {
      const ones = tf.ones([h.shape[0]!, 1]);
      return tf.squeeze(itemGradient(context, gradient(dy, saved.slice(2)), ones), [1]);
    },
  }));
}

function hiddenGradient(context: Context, { matrix, scale }: LogitGradient, e: Tensor): Tensor {
  return context.tf.mul(product(context, matrix, e), scale);
}

function itemGradient(context: Context, { matrix, scale }: LogitGradient, h: Tensor): Tensor {
  return product(context, matrix, context.tf.mul(h, scale), true);
}
