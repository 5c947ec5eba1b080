import type { Context, Tensor } from '../backend/context.ts';
import { differentiable } from '../backend/differentiable.ts';

/** Added to the variance. */
const NORM_EPSILON = 1e-6;

/** Each row of x [M,d] brought to mean 0 and deviation 1, times gain [d] plus bias [d] (Ba, Kiros & Hinton 2016). */
export function layerNorm(context: Context, x: Tensor, gain: Tensor, bias: Tensor): Tensor {
  const { tf } = context;
  return differentiable(
    context,
    { x, gain, bias },
    (save) => {
      const centred = tf.sub(x, tf.mean(x, 1, true));
      const rate = tf.rsqrt(tf.add(tf.mean(tf.square(centred), 1, true), NORM_EPSILON));
      const normal = tf.mul(centred, rate);
      save([normal, rate, gain]);
      return tf.add(tf.mul(normal, gain), bias);
    },
    (dy, [normal, rate, g]) => ({
      x: () => {
        const inner = tf.mul(dy, g!);
        const along = tf.mul(normal!, tf.mean(tf.mul(inner, normal!), 1, true));
        return tf.mul(tf.sub(tf.sub(inner, tf.mean(inner, 1, true)), along), rate!);
      },
      gain: () => tf.sum(tf.mul(dy, normal!), 0),
      bias: () => tf.sum(dy, 0),
    }),
  );
}
