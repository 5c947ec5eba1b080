import { describe, expect, it } from 'vitest';
import type { DataSize } from '../../../../src/dataset/data-size.ts';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import type { SoftmaxSettings } from '../../../../src/teacher/kinds/softmax.ts';
import * as ranking from '../../../../src/training/tasks/ranking/plan.ts';
import { planTeacher } from '../../../../src/training/teachers/plan-teacher.ts';

const SMALL = { users: 900, items: 1700 };
const LARGE = { users: 100_000, items: 40_000 };
const bare = { model: 'movies' };
const planTraining = (spec: DistillationSpec, size: DataSize) =>
  ranking.planTraining(completeDistillation(spec), size);
const softmaxOf = (spec: DistillationSpec, size: DataSize) =>
  planTeacher({ ...spec, teacher: { kind: 'softmax', ...spec.teacher } }, size) as SoftmaxSettings;
const SOFT = { kind: 'softLabels', scores: 'raw', ownItems: 'visible', top: 200, samples: 0 };

describe('the plan of a job that says only its model', () => {
  it('leaves nothing open, whatever the size of the data', () => {
    for (const size of [SMALL, LARGE, { users: 10, items: 10 }]) {
      const plan = planTraining(bare, size);
      const leaves = (value: unknown): unknown[] =>
        value !== null && typeof value === 'object' ? Object.values(value).flatMap(leaves) : [value];
      expect(leaves(plan)).not.toContain(undefined);
      expect(leaves(plan)).not.toContain(Number.NaN);
    }
  });

  it('makes as many steps on small data as it takes, in larger batches on large data', () => {
    const [small, large] = [planTraining(bare, SMALL), planTraining(bare, LARGE)];
    expect(softmaxOf(bare, SMALL).epochs).toBeGreaterThan(softmaxOf(bare, LARGE).epochs);
    expect(softmaxOf(bare, { users: 68_200, items: 40_000 }).epochs).toBe(15);
    expect(softmaxOf(bare, LARGE).epochs).toBe(11);
    expect(softmaxOf(bare, { users: 10, items: 10 }).epochs).toBe(60);
    expect(softmaxOf(bare, LARGE).batchSize).toBeGreaterThan(softmaxOf(bare, SMALL).batchSize);
    expect(large.distillation.batchSize).toBeGreaterThan(small.distillation.batchSize);
  });

  it('stays within a budget of steps where an epoch over all users has very many', () => {
    const epochs = (users: number) => planTraining(bare, { users, items: 10_000 }).distillation.epochs;
    expect(epochs(30_000)).toBe(15);
    expect(epochs(100_000)).toBe(5);
    expect(epochs(10_000_000)).toBe(2);
  });

  it('makes the teacher narrower on large catalogues', () => {
    expect(softmaxOf(bare, SMALL).hidden[0]).toBeGreaterThan(softmaxOf(bare, LARGE).hidden[0]!);
  });

  it("distils by the teacher's order, over a longer list of ranks on a larger catalogue", () => {
    const losses = (items: number) => planTraining(bare, { users: 900, items }).distillation.losses;
    const temperature = { schedule: 'linear', from: 10, to: 2 };
    expect(losses(1700)).toEqual([{ kind: 'rankLabels', weight: 1, temperature, top: 200, samples: 0 }]);
    expect(losses(25_000)).toMatchObject([{ temperature: { from: 20, to: 3 } }]);
    expect(losses(500)).toMatchObject([{ kind: 'rankLabels' }]);
  });

  it('distils by the scores, whatever their scale, on a small catalogue', () => {
    const { losses, dropout } = planTraining(bare, { users: 900, items: 499 }).distillation;
    expect(losses).toMatchObject([{ kind: 'softLabels', scores: 'standardized', ownItems: 'hidden' }]);
    expect(dropout).toBe(0);
  });

  it('samples the softmax of catalogues whose scores do not fit, and only of those', () => {
    const distillation = { losses: [{ kind: 'rankLabels' as const }, { kind: 'softLabels' as const }] };
    const samples = (items: number) =>
      planTraining({ ...bare, distillation }, { users: 900, items }).distillation.losses.map(
        (loss) => (loss as { samples: number }).samples,
      );
    expect(samples(50_000)).toEqual([0, 0]);
    expect(samples(50_001)).toEqual([4096, 4096]);
  });

  it('trains with the rounding at the end, unless it is told not to or there are codebooks', () => {
    const rounded = (student: object) =>
      planTraining({ ...bare, student: { kind: 'fold-in', ...student }, distillation: { epochs: 20 } }, SMALL)
        .distillation.roundedEpochs;
    expect(rounded({})).toBe(5);
    expect(rounded({ quantization: 'int4' })).toBe(5);
    expect(rounded({ quantizationAware: false })).toBe(0);
    expect(rounded({ quantization: 'pq' })).toBe(0);
  });

  it('gives the control the same student and data, no fewer epochs, and the hard labels alone', () => {
    const { alone, distillation } = planTraining(bare, SMALL);
    expect(alone.losses).toEqual([{ kind: 'hardLabels', weight: 1 }]);
    expect(alone.epochs).toBeGreaterThanOrEqual(distillation.epochs);
  });

  it('keeps the student small beside a small catalogue', () => {
    const dimensions = (items: number) => planTraining(bare, { users: 500, items }).student.dimensions;
    expect([10, 100, 320, 5000, 1_000_000].map(dimensions)).toEqual([8, 20, 64, 64, 64]);
  });
});

describe('the plan of a job that says more', () => {
  it('takes every setting as it is given', () => {
    const plan = planTraining(
      {
        ...bare,
        teacher: {
          kind: 'softmax',
          hidden: [7, 5],
          epochs: 3,
          batchSize: 9,
          learningRate: 0.5,
          dropout: 0,
          weightDecay: 0,
        },
        student: { kind: 'fold-in', dimensions: 4 },
        distillation: { transfer: 'none', epochs: 2, batchSize: 11, learningRate: 0.25 },
        evaluation: { k: [50, 5, 50] },
      },
      SMALL,
    );
    expect(plan.teacher).toEqual({
      kind: 'softmax',
      hidden: [7, 5],
      epochs: 3,
      batchSize: 9,
      learningRate: 0.5,
      dropout: 0,
      weightDecay: 0,
    });
    expect(plan.student.dimensions).toBe(4);
    expect(plan.distillation).toMatchObject({
      transfer: 'none',
      epochs: 2,
      batchSize: 11,
      learningRate: 0.25,
    });
    expect(plan.ks).toEqual([5, 50]);
  });

  it('fills in temperature and weight of a loss, and drops losses that weigh nothing', () => {
    const lossesOf = (
      ...losses: { kind: 'softLabels' | 'hardLabels'; weight?: number; temperature?: number }[]
    ) =>
      planTraining({ ...bare, teacher: { kind: 'softmax' }, distillation: { losses } }, SMALL).distillation
        .losses;
    expect(lossesOf({ kind: 'softLabels' })).toEqual([{ ...SOFT, weight: 1, temperature: 1 }]);
    expect(
      lossesOf({ kind: 'softLabels', temperature: 3, weight: 2 }, { kind: 'hardLabels', weight: 0 }),
    ).toEqual([{ ...SOFT, weight: 2, temperature: 3 }]);
  });
});
