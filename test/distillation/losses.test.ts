import { beforeAll, describe, expect, it } from 'vitest';
import { scaleRows } from '../../src/dataset/batches.ts';
import {
  type DistillationBatch,
  distillationLoss,
  type LossSettings,
} from '../../src/distillation/losses.ts';
import { pairWeights } from '../../src/distillation/pair-weights.ts';
import type { Engine } from '../../src/tensor/engine.ts';
import { csrOf } from '../helpers/data.ts';
import { expectNoLeak, testEngine } from '../helpers/engine.ts';

interface Numbers {
  logits: number[][];
  teacher?: number[][];
  own: number[][];
}

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

/** The numbers behind the tensors of one batch; nothing is left. */
function lossOf(losses: LossSettings[], { logits, teacher, own }: Numbers) {
  const { tf } = engine;
  const labels = engine.sparseRows(scaleRows(csrOf(own), 'l1'));
  const weights = teacher && pairWeights(engine, csrOf(own));
  const values = tf.tidy(() => {
    const batch: DistillationBatch = { logits: tf.tensor2d(logits), labels, pairWeights: weights };
    if (teacher) batch.teacher = tf.tensor2d(teacher);
    const { total, parts } = distillationLoss(engine, losses, batch);
    const numbers = Object.entries(parts).map(([name, part]) => [name, part.dataSync()[0]!]);
    return { total: total.dataSync()[0]!, parts: Object.fromEntries(numbers) as Record<string, number> };
  });
  labels.dispose();
  weights?.dispose();
  return values;
}

const soft = (temperature: number, weight = 1): LossSettings => ({ kind: 'softLabels', weight, temperature });
const hard = (weight = 1): LossSettings => ({ kind: 'hardLabels', weight });
const LN3 = Math.log(3);

describe('soft labels', () => {
  // The teacher says 3/4 and 1/4, the student 1/2 and 1/2.
  const batch = { logits: [[0, 0]], teacher: [[LN3, 0]], own: [[1, 0]] };

  it('are the divergence from the teacher to the student', () => {
    expect(lossOf([soft(1)], batch).total).toBeCloseTo(0.130812, 5);
  });

  it('soften both by the temperature and multiply by its square', () => {
    const p = Math.sqrt(3) / (1 + Math.sqrt(3));
    const divergence = p * Math.log(2 * p) + (1 - p) * Math.log(2 * (1 - p));
    expect(divergence).toBeCloseTo(0.0363386, 4);
    expect(lossOf([soft(2)], batch).total).toBeCloseTo(4 * divergence, 5);
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
    expect(lossOf([soft(1)], two).total).toBeCloseTo(0.130812 / 2, 5);
  });

  it('weigh each pair by the weight of its behaviour, and pairs without one by 1', () => {
    // 2 x 0.75 log 1.5 + 0.25 log 0.5
    expect(lossOf([soft(1)], { ...batch, own: [[2, 0]] }).total).toBeCloseTo(0.434911, 5);
    // 0.75 log 1.5 + 0.5 x 0.25 log 0.5
    expect(lossOf([soft(1)], { ...batch, own: [[0, 0.5]] }).total).toBeCloseTo(0.217456, 5);
  });

  it('are nothing where the student is the teacher, up to a constant', () => {
    const same = { logits: [[1, 2, 3]], teacher: [[8, 9, 10]], own: [[1, 1, 0]] };
    for (const temperature of [0.5, 1, 4]) expect(lossOf([soft(temperature)], same).total).toBeCloseTo(0, 4);
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

describe('several losses', () => {
  it('are a weighted sum, and each is reported by its name without its weight', () => {
    const { total, parts } = lossOf([soft(1, 3), hard(0.5)], {
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
