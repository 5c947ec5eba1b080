import { describe, expect, it } from 'vitest';
import { balanced, balanceParameters, byGradients, sharesOf } from '../../src/distillation/task-balance.ts';
import type { Scalar } from '../../src/tensor/engine.ts';
import { testEngine } from '../helpers/engine.ts';

describe('weights of tasks', () => {
  it('sum to one', () => {
    expect(sharesOf([1, 3])).toEqual([0.25, 0.75]);
  });

  it('by gradients give each task the push that its share says', () => {
    const norms = [2, 8];
    const weights = byGradients([0.5, 0.5], norms);
    expect(weights[0]! * norms[0]!).toBeCloseTo(weights[1]! * norms[1]!, 12);
    expect(weights[0]! + weights[1]!).toBeCloseTo(1, 12);
    const uneven = byGradients([0.75, 0.25], norms);
    expect((uneven[0]! * norms[0]!) / (uneven[1]! * norms[1]!)).toBeCloseTo(3, 12);
  });

  it('stay the shares where no gradient is known; one that is not counts as the mean of the others', () => {
    expect(byGradients([0.25, 0.75], [null, 0])).toEqual([0.25, 0.75]);
    const [a, b, c] = byGradients([1 / 3, 1 / 3, 1 / 3], [1, 3, null]);
    expect(a! / c!).toBeCloseTo(2, 12);
    expect(b! / c!).toBeCloseTo(2 / 3, 12);
  });
});

describe('one loss out of several', () => {
  it('is the weighted sum, of the tasks that the batch has', async () => {
    const engine = await testEngine();
    const loss = (task: number, value: number) => ({ task, loss: engine.tf.scalar(value) as Scalar });
    expect(balanced(engine, [loss(0, 2), loss(1, 10)], [0.75, 0.25], {}).dataSync()[0]).toBeCloseTo(4, 6);
    expect(balanced(engine, [loss(1, 10)], [0.75, 0.25], {}).dataSync()[0]).toBeCloseTo(2.5, 6);
  });

  it('is divided by the variances that are learned, whose logarithm costs', async () => {
    const engine = await testEngine();
    const { tf } = engine;
    expect(balanceParameters('fixed', 2)).toEqual({});
    const [name] = Object.keys(balanceParameters('uncertainty', 2));
    const p = { [name!]: tf.tensor1d([Math.log(4), 0]) };
    const losses = [
      { task: 0, loss: tf.scalar(2) as Scalar },
      { task: 1, loss: tf.scalar(10) as Scalar },
    ];
    // .5 (2/4 + ln 4 / 2) + .5 (10 + 0)
    expect(balanced(engine, losses, [0.5, 0.5], p).dataSync()[0]).toBeCloseTo(
      0.5 * (0.5 + Math.log(2)) + 5,
      5,
    );
  });
});
