import { expect, it } from 'vitest';
import { bernoulliKl, softened } from '../../../src/distillation/losses/bernoulli.ts';
import { testEngine } from '../../helpers/engine.ts';

const sigmoid = (x: number) => 1 / (1 + Math.exp(-x));
const kl = (p: number, q: number) => p * Math.log(p / q) + (1 - p) * Math.log((1 - p) / (1 - q));

// Hinton, Vinyals & Dean (2015), section 2, with one Bernoulli distribution per label.
it('is T squared times the divergences of the labels, summed, and 0 for what the teacher says', async () => {
  const engine = await testEngine();
  const teacher = Float32Array.of(2, -1, 0.5, 3);
  const logits = [1, 0, -0.5, 4];
  for (const T of [1, 2.5]) {
    const soft = softened(teacher, T);
    const expected =
      (T ** 2 * logits.reduce((sum, z, i) => sum + kl(sigmoid(teacher[i]! / T), sigmoid(z / T)), 0)) / 2;
    const { tf } = engine;
    const [value, own] = tf.tidy(() => [
      bernoulliKl(engine, tf.tensor2d(logits, [2, 2]), tf.tensor2d(soft, [2, 2]), T).dataSync()[0]!,
      bernoulliKl(engine, tf.tensor2d(teacher, [2, 2]), tf.tensor2d(soft, [2, 2]), T).dataSync()[0]!,
    ]) as unknown as [number, number];
    expect(value).toBeCloseTo(expected, 4);
    expect(own).toBeCloseTo(0, 5);
  }
  // Certainties have no entropy.
  const sure = engine.tf.tidy(
    () =>
      bernoulliKl(engine, engine.tf.tensor2d([0], [1, 1]), engine.tf.tensor2d([1], [1, 1]), 1).dataSync()[0]!,
  );
  expect(sure).toBeCloseTo(Math.log(2), 5);
});
