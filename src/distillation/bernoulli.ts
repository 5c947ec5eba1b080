import type { Engine, Scalar, Tensor } from '../tensor/engine.ts';

/** Sum over the row's labels of the entropies of their Bernoulli distributions, mean over rows, in nats. */
function meanEntropy(probabilities: Float32Array, rows: number): number {
  let sum = 0;
  for (const p of probabilities) {
    if (p > 0) sum -= p * Math.log(p);
    if (p < 1) sum -= (1 - p) * Math.log1p(-p);
  }
  return sum / rows;
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
 * @param soft [B, L] row-major, the teacher's probabilities at T
 */
export function bernoulliKl(engine: Engine, logits: Tensor, soft: Float32Array, temperature: number): Scalar {
  const { tf } = engine;
  const [rows, labels] = logits.shape as [number, number];
  const crossEntropy = engine.sigmoidCrossEntropy(
    tf.div(logits, temperature),
    tf.tensor2d(soft, [rows, labels]),
  );
  return tf.mul(tf.sub(crossEntropy, meanEntropy(soft, rows)), temperature ** 2) as Scalar;
}
