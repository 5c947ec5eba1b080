import { beforeAll, describe, expect, it } from 'vitest';
import {
  candidateChances,
  listCrossEntropy as compareLists,
  rceLoss,
} from '../../../src/distillation/losses/rce-kd.ts';
import type { LossSettings } from '../../../src/domain/losses/loss-spec.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { testEngine } from '../../helpers/engine.ts';
import { expectClose, numericGradient } from '../../tensor/helpers.ts';
import { lossGradient, lossValue, outputsOf } from '../batch.ts';
import { listCrossEntropy } from './reference.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

describe('rejuvenated cross-entropy', () => {
  it('compares two softmaxes over the items in use, at a temperature', () => {
    const { tf } = engine;
    const value = tf.tidy(() =>
      compareLists(
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

  it('draws candidates that the student puts above items of the teacher', () => {
    const { items, chances } = candidateChances(Int32Array.of(4, 2, 0, 3), Int32Array.of(2, 3, 9));
    expect([...items]).toEqual([4, 2, 0, 3]);
    // 2 and 3 are ranked as low as the first two, 3 alone as the others.
    expectClose(
      chances,
      [0.3, 0.3, 0.2, 0.2].map((x) => Math.exp(x)),
    );
    const many = Int32Array.from({ length: 80 }, (_, item) => item);
    expect(candidateChances(many, many).chances[0]).toBeCloseTo(Math.exp(5.1), 9);
  });

  const settings = { kind: 'rce-kd', weight: 1, temperature: 1, ownItems: 'hidden' } as const;
  /** w = exp(-2 x overlap) */
  const weighed = (first: number, second: number, overlap: number) =>
    first + Math.exp(-2 * overlap) * (second - first);

  it("compares the student's list, and all candidates with what else the teacher lists", () => {
    // As many are drawn as there are candidates: all five. So everything of the teacher's list is drawn: the overlap is 1.
    const teacher = [1, 0, 2.5, -1, 0.5];
    const value = ([z]: number[][]) => {
      const first = [0, 3];
      const at = (scores: number[]) => first.map((item) => scores[item]!);
      return weighed(listCrossEntropy(at(z!), at(teacher)), listCrossEntropy(z!, teacher), 1);
    };
    const numbers = {
      logits: [[2, 0.1, -1, 1, 0.4]],
      own: [[0, 0, 0, 0, 0]],
      lists: outputsOf([[2, 0, 4, 1, 3]], [[2.5, 1, 0.5, 0, -1]]),
    };
    const losses: LossSettings[] = [{ ...settings, top: 2, samples: 5 }];
    expect(lossValue(engine, losses, numbers).total).toBeCloseTo(value(numbers.logits), 5);
    expectClose(lossGradient(engine, losses, numbers), numericGradient(value, numbers.logits));
  });

  it('takes an item that the teacher does not list for its last, and adds what was not drawn', () => {
    // The student's first is 0, the teacher's 2; one candidate of 0 and 1 is drawn, and 2 stands beside it.
    const z = [2, 1, 0];
    const value = lossValue(engine, [{ ...settings, top: 1, samples: 1 }], {
      logits: [z],
      own: [[0, 0, 0]],
      lists: outputsOf([[2, 1]], [[3, 1]]),
    });
    const either = [0, 1].map((drawn) => weighed(0, listCrossEntropy([z[drawn]!, z[2]!], [1, 3]), 0));
    expect(Math.min(...either.map((x) => Math.abs(x - value.total)))).toBeLessThan(1e-5);
  });

  it('leaves own items out of the candidates, unless they are visible', () => {
    const value = (ownItems: 'hidden' | 'visible') =>
      lossValue(engine, [{ ...settings, ownItems, top: 1, samples: 3 }], {
        logits: [[5, 1, 0]],
        own: [[1, 0, 0]],
        lists: outputsOf([[2, 1]], [[3, 1]]),
      }).total;
    expect(value('hidden')).toBeCloseTo(weighed(0, listCrossEntropy([1, 0], [1, 3]), 1), 5);
    expect(value('visible')).toBeCloseTo(weighed(0, listCrossEntropy([5, 1, 0], [1, 1, 3]), 1), 5);
  });
});
