import { beforeAll, describe, expect, it } from 'vitest';
import { listCrossEntropy, rceLoss } from '../../../src/distillation/losses/rce-kd.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { testEngine } from '../../helpers/engine.ts';
import { lossValue, outputsOf } from '../batch.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

describe('rejuvenated cross-entropy', () => {
  it('compares two softmaxes over the items in use, at a temperature', () => {
    const { tf } = engine;
    const value = tf.tidy(() =>
      listCrossEntropy(
        engine,
        tf.tensor2d([[0, 0, 99]]),
        tf.tensor2d([[2 * Math.log(3), 0, 99]]),
        tf.tensor2d([[1, 1, 0]]),
        2,
      ).dataSync(),
    );
    expect(value[0]).toBeCloseTo(Math.LN2, 5);
  });

  it("weighs the student's own list the more, the more the lists agree", () => {
    const { tf } = engine;
    const value = (overlap: number) =>
      tf.tidy(
        () => rceLoss(engine, tf.tensor1d([1]), tf.tensor1d([3]), Float32Array.of(overlap)).dataSync()[0]!,
      );
    expect(value(0)).toBeCloseTo(3, 5);
    // w = exp(-2)
    expect(value(1)).toBeCloseTo(1 - Math.exp(-2) + 3 * Math.exp(-2), 5);
  });

  it('is the cross-entropy of the one list where student and teacher agree on it', () => {
    // Both rank 0 before 1, so that Q2 has candidates only: none, as the catalogue ends here.
    const value = lossValue(
      engine,
      [{ kind: 'rce-kd', weight: 1, temperature: 1, top: 2, samples: 1, ownItems: 'hidden' }],
      {
        logits: [[Math.log(3), 0]],
        own: [[0, 0]],
        lists: outputsOf([[0, 1]], [[0, 0]]),
      },
    );
    const first = 0.5 * Math.log(4 / 3) + 0.5 * Math.log(4);
    expect(value.total).toBeCloseTo((1 - Math.exp(-2)) * first, 4);
  });
});
