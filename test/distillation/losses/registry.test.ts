import { beforeAll, describe, expect, it } from 'vitest';
import { pairWeights } from '../../../src/distillation/losses/pair-weights.ts';
import type { LossSettings } from '../../../src/domain/losses/loss-spec.ts';
import type { Engine } from '../../../src/tensor/engine.ts';
import { csrOf } from '../../helpers/data.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';
import { hard, lossValue, type Numbers, outputsOf, soft } from '../batch.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

const lossOf = (losses: LossSettings[], numbers: Numbers) => lossValue(engine, losses, numbers);
const LN3 = Math.log(3);

describe('soft labels', () => {
  // The teacher says 3/4 and 1/4, the student 1/2 and 1/2.
  const batch = { logits: [[0, 0]], teacher: [[LN3, 0]], own: [[1, 0]] };

  it('are the divergence from the teacher to the student', () => {
    expect(lossOf([soft()], batch).total).toBeCloseTo(0.130812, 5);
  });

  it('soften both by the temperature and multiply by its square', () => {
    const p = Math.sqrt(3) / (1 + Math.sqrt(3));
    const divergence = p * Math.log(2 * p) + (1 - p) * Math.log(2 * (1 - p));
    expect(divergence).toBeCloseTo(0.0363386, 4);
    expect(lossOf([soft({ temperature: 2 })], batch).total).toBeCloseTo(4 * divergence, 5);
  });

  it('are a mean over the users', () => {
    const two = {
      logits: [
        [0, 0],
        [5, 5],
      ],
      teacher: [
        [LN3, 0],
        [1, 1],
      ],
      own: [
        [1, 0],
        [0, 1],
      ],
    };
    expect(lossOf([soft()], two).total).toBeCloseTo(0.130812 / 2, 5);
  });

  it('weigh each pair by the weight of its behaviour, and pairs without one by 1', () => {
    // 2 x 0.75 log 1.5 + 0.25 log 0.5
    expect(lossOf([soft()], { ...batch, own: [[2, 0]] }).total).toBeCloseTo(0.434911, 5);
    // 0.75 log 1.5 + 0.5 x 0.25 log 0.5
    expect(lossOf([soft()], { ...batch, own: [[0, 0.5]] }).total).toBeCloseTo(0.217456, 5);
  });

  it('are nothing where the student is the teacher, up to a constant', () => {
    const same = { logits: [[1, 2, 3]], teacher: [[8, 9, 10]], own: [[1, 1, 0]] };
    for (const temperature of [0.5, 1, 4])
      expect(lossOf([soft({ temperature })], same).total).toBeCloseTo(0, 4);
  });
});

describe('soft labels with own items hidden', () => {
  it('are the divergence over the other items', () => {
    // The first item is the user's own: 3/4 and 1/4 of the teacher against 1/2 and 1/2 remain.
    const batch = { logits: [[7, 0, 0]], teacher: [[9, LN3, 0]], own: [[5, 0, 0]] };
    expect(lossOf([soft({ ownItems: 'hidden' })], batch).total).toBeCloseTo(0.130812, 5);
    expect(lossOf([soft({ ownItems: 'hidden', temperature: 2 })], batch).total).toBeCloseTo(0.145354, 4);
  });
});

describe('soft labels of standardized scores', () => {
  it('do not depend on the scale and the offset of the teacher', () => {
    const logits = [[1, 2, 0]];
    const own = [[1, 0, 0]];
    const value = (teacher: number[]) =>
      lossOf([soft({ scores: 'standardized' })], { logits, own, teacher: [teacher] }).total;
    expect(value([10, 30, -10])).toBeCloseTo(value([0.1, 0.3, -0.1]), 5);
  });

  it('have mean 0 and deviation 1 in each row', () => {
    // [-1, 1] has deviation 1: the same as unstandardized.
    const batch = { logits: [[0, 0]], own: [[1, 0]] };
    const plain = lossOf([soft()], { ...batch, teacher: [[-1, 1]] }).total;
    expect(lossOf([soft({ scores: 'standardized' })], { ...batch, teacher: [[2, 6]] }).total).toBeCloseTo(
      plain,
      5,
    );
  });
});

describe('sampled soft labels', () => {
  const lists = outputsOf([[0, 1]], [[LN3, 0]]);

  it('are the full cross-entropy where the sample is the catalogue', () => {
    // Target 3/4 and 1/4; the student's softmax over all four items is 1/4 each.
    const value = lossOf([soft({ top: 2, samples: 4 })], {
      logits: [[2, 2, 2, 2]],
      own: [[0, 0, 1, 0]],
      lists,
    });
    expect(value.total).toBeCloseTo(Math.log(4), 5);
  });

  it('let each sampled item stand for as many as were not', () => {
    // 2 of the list, and 8 others, whose scores are all 1, by whatever is drawn of them.
    const logits = [[1, 1, ...Array<number>(8).fill(1)]];
    const own = [[0, 0, 1, ...Array<number>(7).fill(0)]];
    expect(lossOf([soft({ top: 2, samples: 5 })], { logits, own, lists }).total).toBeCloseTo(Math.log(10), 5);
    const hidden = soft({ top: 2, samples: 5, ownItems: 'hidden' });
    expect(lossOf([hidden], { logits, own, lists }).total).toBeCloseTo(Math.log(9), 5);
  });
});

describe('soft labels at temperature 2', () => {
  // 1 + ln 9 and 1 at temperature 2: the teacher says 3/4 and 1/4 of its list.
  const lists = outputsOf([[0, 1]], [[1 + 2 * LN3, 1]]);
  // The student's exponentials at temperature 2: 2, 1, 1, 1.
  const logits = [[2 * Math.LN2, 0, 0, 0]];
  const own = [[0, 0, 0, 1]];
  const divergence = (of: number) => 0.75 * Math.log(of / 2) + 0.25 * Math.log(of);

  it('of lists against a sample count four times', () => {
    const loss = soft({ top: 2, samples: 4, temperature: 2 });
    expect(lossOf([loss], { logits, own, lists }).total).toBeCloseTo(4 * divergence(5), 5);
  });

  it.each([
    ['visible', 5],
    ['hidden', 4],
  ] as const)('of lists against the whole catalogue count four times, own items %s', (ownItems, of) => {
    const loss = soft({ top: 2, samples: 0, temperature: 2, ownItems });
    const numbers = { logits, own, lists, listed: [[1 + 2 * LN3, 1, 0, 0]] };
    expect(lossOf([loss], numbers).total).toBeCloseTo(4 * divergence(of), 5);
  });
});

describe('hard labels', () => {
  it('are the cross-entropy of the own items', () => {
    // Probabilities 1/4 and 3/4.
    expect(lossOf([hard()], { logits: [[0, LN3]], own: [[1, 0]] }).total).toBeCloseTo(Math.log(4), 5);
    expect(lossOf([hard()], { logits: [[0, LN3]], own: [[1, 1]] }).total).toBeCloseTo(0.836988, 5);
  });

  it('share one user out by the weights of the behaviours', () => {
    const expected = 0.8 * Math.log(4) + 0.2 * Math.log(4 / 3);
    expect(lossOf([hard()], { logits: [[0, LN3]], own: [[4, 1]] }).total).toBeCloseTo(expected, 5);
  });
});

describe('hard labels over a catalogue whose scores exceed the budget', () => {
  it('are the same, and the scores of all items never exist at once', () => {
    const batch = { logits: [[0, LN3, 1, -2, 0.5]], own: [[4, 1, 0, 0, 2]] };
    const refuse = () => {
      throw new Error('all scores at once');
    };
    const small: Engine = {
      ...engine,
      scoresFit: () => false,
      linearScores: refuse,
      // Two items at a time: 1 row, 4 buffers, 4 bytes.
      softmaxHeadLoss: (head) => engine.softmaxHeadLoss(head, { memoryMiB: (2 * 16) / 2 ** 20 }),
    };
    expect(lossValue(small, [hard()], batch).total).toBeCloseTo(lossOf([hard()], batch).total, 5);
  });
});

describe('several losses', () => {
  it('are a weighted sum, and each is reported by its name without its weight', () => {
    const { total, parts } = lossOf([soft({ weight: 3 }), hard(0.5)], {
      logits: [[0, 0]],
      teacher: [[LN3, 0]],
      own: [[1, 0]],
    });
    expect(Object.keys(parts)).toEqual(['softLabels', 'hardLabels']);
    expect(parts.softLabels).toBeCloseTo(0.130812, 5);
    expect(parts.hardLabels).toBeCloseTo(Math.LN2, 5);
    expect(total).toBeCloseTo(3 * 0.130812 + 0.5 * Math.LN2, 5);
  });
});

describe('a weight and a temperature on schedule', () => {
  const batch = { logits: [[0, 0]], teacher: [[LN3, 0]], own: [[1, 0]] };

  it('change in the course of training', () => {
    const weight = { schedule: 'linear', from: 4, to: 0 } as const;
    expect(lossOf([soft({ weight })], { ...batch, progress: 0.25 }).total).toBeCloseTo(3 * 0.130812, 5);
    const temperature = { schedule: 'cosine', from: 3, to: 1 } as const;
    expect(lossOf([soft({ temperature })], { ...batch, progress: 0.5 }).total).toBeCloseTo(
      lossOf([soft({ temperature: 2 })], batch).total,
      6,
    );
  });
});

describe('pair weights', () => {
  it('are 1 where there is no behaviour', () => {
    const weights = pairWeights(
      engine,
      csrOf([
        [0, 3, 0],
        [0.5, 0, 1],
      ]),
    )!;
    expect([...weights.dataSync()]).toEqual([1, 3, 1, 0.5, 1, 1]);
    weights.dispose();
  });

  it('are left out when every behaviour counts 1', () => {
    expect(
      pairWeights(
        engine,
        csrOf([
          [0, 1, 0],
          [1, 0, 1],
        ]),
      ),
    ).toBeUndefined();
  });

  it('leave no tensor behind', () =>
    expectNoLeak(async () => pairWeights(engine, csrOf([[0, 3, 0]]))!.dispose()));
});
