import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { discrepancies, drawByChance } from '../../../src/distillation/losses/correction.ts';
import { rankingLoss, sampleOthers } from '../../../src/distillation/losses/ranking.ts';
import { listCrossEntropy, rceLoss } from '../../../src/distillation/losses/rce.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { csrOf } from '../../helpers/data.ts';
import { testEngine } from '../../helpers/engine.ts';
import { lossValue, outputsOf } from '../batch.ts';

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

  it('samples others that are neither listed nor own, without repeats', () => {
    const lists = {
      width: 2,
      ids: Int32Array.of(0, 1),
      scores: new Float32Array(2),
      lengths: Int32Array.of(2),
    };
    const others = sampleOthers(lists, csrOf([[0, 0, 1, 0, 0, 0]]), 6, 5, createRng(1));
    expect(others.lengths).toEqual(Int32Array.of(3));
    expect([...others.ids.subarray(0, 3)].sort()).toEqual([3, 4, 5]);
  });
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
      [{ kind: 'rce', weight: 1, temperature: 1, top: 2, samples: 1, ownItems: 'hidden' }],
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

describe('dual correction', () => {
  it('finds what the student ranks too low and too high, by how much', () => {
    const { under, over } = discrepancies(Int32Array.of(3, 1, 2), Int32Array.of(1, 2, 4), 2);
    // 1: rank 1 for 0, 2: rank 2 for 1, 4: not in three for 2. 3: rank 0, not in three.
    expect([...under.items]).toEqual([1, 2, 4]);
    expect([...under.chances].map((x) => x.toFixed(6))).toEqual(
      [0.5, 0.5, 0.5].map((x) => Math.tanh(x).toFixed(6)),
    );
    expect([...over.items]).toEqual([3]);
    expect(over.chances[0]).toBeCloseTo(Math.tanh(1.5), 9);
  });

  it('draws without repeats, keeps the order, and the surer an item the oftener it comes', () => {
    const chances = { items: Int32Array.of(7, 8, 9), chances: Float64Array.of(0.9, 0.05, 0.9) };
    const rng = createRng(3);
    const draws = Array.from({ length: 200 }, () => [...drawByChance(chances, 2, rng)].join());
    expect(new Set(draws)).toEqual(new Set(['7,8', '7,9', '8,9']));
    expect(draws.filter((draw) => draw === '7,9').length).toBeGreaterThan(150);
    expect([...drawByChance(chances, 5, rng)]).toEqual([7, 8, 9]);
  });

  it('wants the items in the order of the teacher, above those that are ranked too high', () => {
    const settings = { kind: 'correction', weight: 1, temperature: 10, top: 1, samples: 1 } as const;
    // The student's order is 0, 1, 2 of equal scores; the teacher's list is 2 alone: 2 must rise above 0 or 1.
    const value = lossValue(engine, [settings], {
      logits: [[0, 0, 0]],
      own: [[0, 0, 0]],
      lists: outputsOf([[2]]),
    });
    expect(value.total).toBeCloseTo(Math.LN2, 5);
  });
});
