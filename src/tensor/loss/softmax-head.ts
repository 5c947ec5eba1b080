import type { Context, Tensor } from '../backend/context.ts';
import { differentiable } from '../backend/differentiable.ts';
import { product } from '../linalg/product.ts';

/** The softmax of scores / temperature before its division: exp of the shifted scores, [B,N], and their row sums [B,1]. */
export interface ExpRows {
  shifted: Tensor;
  exp: Tensor;
  sum: Tensor;
}

/** Scores this near to zero need no shift: their exp neither overflows nor vanishes in float32, summed over any catalogue. */
const SAFE = 60;

/** True when exp of scores / temperature with these maxima needs no shift. */
export function isSafe(top: Float32Array, temperature = 1): boolean {
  return top.every((value) => Math.abs(value) < SAFE * temperature);
}

export function expRows(context: Context, scores: Tensor, temperature = 1): ExpRows {
  const { tf } = context;
  const shifted = tf.tidy(() => {
    const scaled = temperature === 1 ? scores : tf.mul(scores, 1 / temperature);
    const top =
      context.report.name === 'gpu' ? tf.max(scaled, 1, true) : unsafeTop(context, scores, temperature);
    return top ? tf.sub(scaled, top) : scaled.clone();
  });
  const exp = tf.exp(shifted);
  return { shifted, exp, sum: tf.sum(exp, 1, true) };
}

/**
 * Row maxima [B,1] of scores / temperature when some row needs them subtracted, else nothing: that saves a pass over the scores.
 * Not on a GPU, where looking means waiting.
 */
function unsafeTop(context: Context, scores: Tensor, temperature: number): Tensor | undefined {
  const { tf, tops } = context;
  let top = tops.get(scores);
  if (!top) {
    top = tf.tidy(() => tf.max(scores, 1).dataSync()) as Float32Array;
    tops.set(scores, top);
  }
  if (isSafe(top, temperature)) return undefined;
  return tf.tensor2d(
    top.map((value) => value / temperature),
    [top.length, 1],
  );
}

/** A gradient of logits that has not been multiplied out: diag(scale)·matrix - labels, matrix [B,N], scale [B,1] or scalar. */
export interface LogitGradient {
  matrix: Tensor;
  scale: Tensor;
  /** Sparse labels Y with row factors q, diag(q)·Y: never made dense where a head is known. */
  labels?: SparseTerm;
}

export interface SparseTerm {
  /** diag(q)·Y·e, [B,d] */
  times(e: Tensor): Tensor;
  /** Yᵀ·diag(q)·h, [N,d] */
  transposedTimes(h: Tensor): Tensor;
  /** diag(q)·Y, [B,N] */
  dense(): Tensor;
}

/**
 * A loss on logits whose gradient skips the logits: where they came from linearScores, the gradient goes straight to h, e and c.
 * The row scale is then applied to the small matrices and sparse labels stay sparse, which saves passes over [B,N].
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
        const { matrix, scale, labels } = gradient(dy, saved);
        const scaled = tf.mul(matrix, scale);
        return labels ? tf.sub(scaled, labels.dense()) : scaled;
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

function hiddenGradient(context: Context, { matrix, scale, labels }: LogitGradient, e: Tensor): Tensor {
  const { tf } = context;
  const dense = tf.mul(product(context, matrix, e), scale);
  return labels ? tf.sub(dense, labels.times(e)) : dense;
}

function itemGradient(context: Context, { matrix, scale, labels }: LogitGradient, h: Tensor): Tensor {
  const { tf } = context;
  const dense = product(context, matrix, tf.mul(h, scale), true);
  return labels ? tf.sub(dense, labels.transposedTimes(h)) : dense;
}
