import { beforeAll, describe, expect, it } from 'vitest';
import { rankingLoss } from '../../../src/distillation/losses/ranking-loss.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { testEngine } from '../../helpers/engine.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

function relaxed(listed: number[][], used: number[][], others: number[][], othersUsed: number[][]): number {
  const { tf } = engine;
  const [a, b, c, d] = [listed, used, others, othersUsed].map((x) => tf.tensor2d(x)) as [
    never,
    never,
    never,
    never,
  ];
  const loss = tf.tidy(() => rankingLoss(engine, a, b, c, d).dataSync()[0]!);
  tf.dispose([a, b, c, d]);
  return loss;
}

describe('the relaxed ranking loss', () => {
  it('is the likelihood of the order, and of the others below it', () => {
    // All scores equal: the first of 4, then the first of the 3 that are left.
    const expected = (Math.log(4) + Math.log(3)) / 2;
    expect(relaxed([[1, 1]], [[1, 1]], [[1, 1]], [[1, 1]])).toBeCloseTo(expected, 5);
  });

  it('does not mind the order of the others', () => {
    const one = relaxed([[2, 1]], [[1, 1]], [[0, -1]], [[1, 1]]);
    expect(relaxed([[2, 1]], [[1, 1]], [[-1, 0]], [[1, 1]])).toBeCloseTo(one, 6);
    expect(relaxed([[1, 2]], [[1, 1]], [[0, -1]], [[1, 1]])).toBeGreaterThan(one);
  });

  it('leaves places out that are not in use, whatever stands there', () => {
    expect(relaxed([[1, 900]], [[1, 0]], [[1, 900]], [[1, 0]])).toBeCloseTo(Math.log(2), 5);
  });

  it('stays finite at scores far apart', () => {
    expect(relaxed([[-5000, 5000]], [[1, 1]], [[0]], [[1]])).toBeGreaterThan(30);
    expect(relaxed([[-5000, 5000]], [[1, 1]], [[0]], [[1]])).toBeLessThan(Number.MAX_VALUE);
  });
});
