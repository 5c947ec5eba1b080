import type { Engine, Scalar, Tensor } from '../../tensor/engine.ts';

/** Below it a certainty is as good as one, and its logarithm is still a number in float32. */
const LEAST = 1e-7;

/** Sum over labels of the entropies of their Bernoulli distributions, mean over rows, in nats. */
function meanEntropy({ tf }: Engine, p: Tensor, rows: number): Tensor {
  const q = tf.sub(1, p);
  const terms = [p, q].map((share) => tf.mul(share, tf.log(tf.maximum(share, LEAST))));
  return tf.div(tf.sum(tf.addN(terms)), -rows);
}

/** The teacher's labels at a temperature: sigmoid(logits / temperature). */
export function softened(logits: Float32Array, temperature: number): Float32Array {
  return logits.map((z) => 1 / (1 + Math.exp(-z / temperature)));
}

/**
 * T^2 times the sum over labels of KL(sigmoid(teacher / T) || sigmoid(logits / T)), mean over rows: what Hinton, Vinyals & Dean
 * (2015) do with one softmax, for each label by itself. T^2 keeps the gradient comparable.
 *
 * @param logits [B, L] of the student
 * @param soft [B, L] the teacher's probabilities at T; no gradient flows to them
 */
export function bernoulliKl(engine: Engine, logits: Tensor, soft: Tensor, temperature: number): Scalar {
  const { tf } = engine;
  const crossEntropy = engine.sigmoidCrossEntropy(tf.div(logits, temperature), soft);
  return tf.mul(
    tf.sub(crossEntropy, meanEntropy(engine, soft, logits.shape[0]!)),
    temperature ** 2,
  ) as Scalar;
}
