import { beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../../../src/core/rng.ts';
import { type Csr, selectRows } from '../../../../src/dataset/matrix.ts';
import { buildRatings } from '../../../../src/dataset/ratings.ts';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import type { RatingTeacher } from '../../../../src/teacher/rating/contract.ts';
import type { Engine } from '../../../../src/tensor/engine.ts';
import { planRating, planTrained } from '../../../../src/training/tasks/rating/plan.ts';
import { hardTarget, itemShares, softTarget } from '../../../../src/training/tasks/rating/targets.ts';
import { trainRatingStudent } from '../../../../src/training/tasks/rating/train-student.ts';
import { sourceOf } from '../../../helpers/data.ts';
import { testEngine } from '../../../helpers/engine.ts';
import { RATED_ITEMS, ratedRows } from '../../../helpers/rated.ts';

let engine: Engine;
beforeAll(async () => {
  engine = await testEngine();
});

/** Two users, three items. */
const OWN: Csr = {
  rows: 2,
  columns: 3,
  indptr: Int32Array.of(0, 2, 3),
  indices: Int32Array.of(0, 2, 0),
  values: Float32Array.of(5, 4, 2),
};
const read = ({ wanted, weights }: ReturnType<typeof softTarget>) => {
  const values = [wanted, weights].map((tensor) => [...tensor.dataSync()]);
  engine.tf.dispose([wanted, weights]);
  return values;
};

describe('what a batch is to predict', () => {
  it('is what the teacher says, within the scale, of items without a rating, more of those that many rated', () => {
    const shares = itemShares(OWN);
    expect([...shares]).toEqual([Math.fround(Math.sqrt(3)), 1, Math.fround(Math.sqrt(2))]);
    const predictions = Float32Array.of(9, 2, 3, 4, 0, 5);
    const [wanted, weights] = read(softTarget(engine, predictions, OWN, shares, { low: 1, high: 5 }));
    expect(wanted).toEqual([5, 2, 3, 4, 1, 5]);
    const sum = 2 + Math.sqrt(2);
    [0, 1 / sum, 0, 0, 1 / sum, Math.sqrt(2) / sum].forEach((weight, i) => {
      expect(weights![i]).toBeCloseTo(weight, 6);
    });
  });

  it('is not what a teacher says of items that it does not know', () => {
    expect([...itemShares(OWN, Int32Array.of(0, 1))]).toEqual([0, 0, Math.fround(Math.sqrt(2))]);
  });

  it('is each rating that is hidden', () => {
    const seen = { ...OWN, indptr: Int32Array.of(0, 1, 1), indices: OWN.indices.slice(0, 1) };
    const [wanted, weights] = read(hardTarget(engine, OWN, { ...seen, values: OWN.values.slice(0, 1) }));
    expect(wanted).toEqual([5, 0, 4, 2, 0, 0]);
    expect(weights).toEqual([0, 0, 0.5, 0.5, 0, 0]);
  });
});

it('a student learns items that its teacher does not know from their ratings', async () => {
  const { matrix } = await buildRatings(sourceOf(ratedRows()), { types: ['rating'] });
  const item = 5;
  // Everybody loves it, and the teacher says of everybody that they do not.
  const train = { ...matrix, values: matrix.values.map((r, p) => (matrix.indices[p] === item ? 5 : r)) };
  const spec = completeDistillation({
    ...{ model: 'films', task: 'rating', student: { kind: 'fold-in', dimensions: 4 } },
    distillation: { epochs: 40, batchSize: 8, learningRate: 0.03 },
  });
  const settings = planRating(spec, { users: train.rows, items: RATED_ITEMS });
  const meanOf = async (unknown: number[]) => {
    const teacher: RatingTeacher = {
      ...{
        description: 'three for all, one for a film',
        parameters: 0,
        bytes: 0,
        settings: planTrained(spec),
      },
      unknown: Int32Array.from(unknown),
      predictions: ({ rows }) =>
        Float32Array.from({ length: rows * RATED_ITEMS }, (_, p) => (p % RATED_ITEMS === item ? 1 : 3)),
      state: () => ({ kind: '', settings: {}, epochs: 1, tensors: {} }),
    };
    const student = await trainRatingStudent(teacher, settings.distillation, {
      ...{ engine, rng: createRng(7), train, scale: { low: 1, high: 5 }, settings: settings.student },
      ...{ signal: new AbortController().signal, onProgress: () => {} },
    });
    const without = Array.from({ length: train.rows }, (_, u) => u).filter(
      (u) => !train.indices.subarray(train.indptr[u]!, train.indptr[u + 1]!).includes(item),
    );
    const out = student.predictions(selectRows(train, without));
    student.dispose();
    return without.reduce((sum, _, r) => sum + out[r * RATED_ITEMS + item]!, 0) / without.length;
  };
  expect(await meanOf([item])).toBeGreaterThan(4);
  expect(await meanOf([])).toBeLessThan(2);
});
