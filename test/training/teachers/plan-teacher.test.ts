import { describe, expect, it } from 'vitest';
import type { DataSize } from '../../../src/dataset/data-size.ts';
import { completeDistillation } from '../../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../../src/domain/jobs/distillation-spec.ts';
import type { TeacherSpec } from '../../../src/domain/teachers/teacher-spec.ts';
import { planAuto } from '../../../src/training/teachers/plan-auto.ts';
import { memoryWarnings, planTeacher } from '../../../src/training/teachers/plan-teacher.ts';

const SMALL = { users: 900, items: 1_700 };
const SPARSE = { users: 5_200, items: 25_000 };
const LARGE = { users: 30_000, items: 41_000 };

const plan = (teacher: TeacherSpec, size: DataSize, more: Partial<DistillationSpec> = {}) =>
  planTeacher({ model: 'm', teacher, ...more }, size);
const kindsOf = (size: DataSize) => planAuto({ kind: 'auto' }, size).candidates.map(({ kind }) => kind);

describe('the plan of a teacher', () => {
  it('lets auto plan what fits the size', () => {
    expect(plan({ kind: 'auto' }, SMALL)).toEqual(planAuto({ kind: 'auto' }, SMALL));
  });

  it('leaves out of auto what does not fit the memory, and says so', () => {
    const size = { users: 20_000, items: 10_000 };
    const auto = completeDistillation({ model: 'm' });
    expect(kindsOf({ ...size, memoryMiB: 4000 })).toContain('ease');
    expect(memoryWarnings(auto, { ...size, memoryMiB: 4000 })).toEqual([]);
    expect(kindsOf({ ...size, memoryMiB: 1500 })).not.toContain('ease');
    expect(kindsOf({ ...size, memoryMiB: 1500 })).toContain('graph-filter');
    expect(memoryWarnings(auto, { ...size, memoryMiB: 1500 })).toEqual([
      expect.stringMatching(/^auto did not try ease: for 20000 users and 10000 items .* 1500 MiB/),
    ]);
    expect(memoryWarnings(auto, size)).toEqual([]);
    expect(
      memoryWarnings(completeDistillation({ model: 'm', teacher: { kind: 'popularity' } }), {
        ...size,
        memoryMiB: 1,
      }),
    ).toEqual([]);
  });

  it.each<Partial<DistillationSpec>>([
    { distillation: { losses: [{ kind: 'softLabels' }, { kind: 'fitnet' }] } },
    { distillation: { transfer: 'neurons' } },
    { distillation: { transfer: 'copy' } },
  ])('takes a network instead of auto where the student learns from its layers: %o', (more) => {
    expect(plan({ kind: 'auto' }, SPARSE, more).kind).toBe('softmax');
  });

  it('takes a network of sequences where the student of sequences learns from its layers', () => {
    const hints: Partial<DistillationSpec> = {
      task: 'sequential',
      distillation: { losses: [{ kind: 'fitnet' }] },
    };
    expect(plan({ kind: 'auto' }, SMALL, hints).kind).toBe('sasrec');
  });

  it('lets a sequential teacher draw from a large catalogue, and look at all of a small one', () => {
    const samples = (
      kind: 'sasrec' | 'gru',
      size: DataSize,
      own: { samples?: number; itemDropout?: number } = {},
    ) => plan({ kind, ...own }, size, { task: 'sequential' });
    expect(samples('sasrec', SMALL)).toMatchObject({ samples: 0 });
    expect(samples('gru', SPARSE)).toMatchObject({ samples: 1024 });
    expect(samples('sasrec', SPARSE, { samples: 0, itemDropout: 0 })).toMatchObject({
      samples: 0,
      itemDropout: 0,
    });
  });

  it('inverts the smaller side of the data for EASE', () => {
    expect(plan({ kind: 'ease' }, SPARSE)).toMatchObject({ form: 'dual' });
    expect(plan({ kind: 'ease' }, { users: 9_000, items: 2_000 })).toMatchObject({ form: 'primal' });
  });

  it('tries several lambdas only where an inverse takes seconds, and one where the job names it', () => {
    const lambdas = (teacher: TeacherSpec, size: DataSize) =>
      (plan(teacher, size) as { lambda: number[] }).lambda;
    expect(lambdas({ kind: 'ease' }, SMALL).length).toBeGreaterThan(lambdas({ kind: 'ease' }, SPARSE).length);
    expect(lambdas({ kind: 'ease' }, LARGE)).toEqual([100]);
    expect(lambdas({ kind: 'ease', lambda: 7 }, SMALL)).toEqual([7]);
  });

  it('takes the options of every kind as they are given', () => {
    const given: TeacherSpec[] = [
      { kind: 'autoencoder', variant: 'dae', hidden: [9], latent: 4, dropout: 0, epochs: 2, batchSize: 8 },
      { kind: 'matrix-factorization', dimensions: 5, regularization: 2, unobservedWeight: 3, epochs: 4 },
      { kind: 'matrix-factorization', objective: 'bpr', negatives: 2, learningRate: 0.5, dropout: 0.1 },
    ];
    for (const teacher of given) expect(plan(teacher, SMALL)).toMatchObject(teacher);
    expect(plan({ kind: 'graph-filter', components: 3, alpha: 0.5 }, SMALL)).toEqual({
      kind: 'graph-filter',
      components: 3,
      filters: [{ alpha: 0.5, activityPower: 1, popularityPower: 0 }],
    });
    expect(plan({ kind: 'graph-filter', popularityPower: 0.2 }, SMALL)).toMatchObject({
      filters: [{ alpha: 0, activityPower: 1, popularityPower: 0.2 }],
    });
  });

  it('never asks a graph filter for more components than the data has', () => {
    expect(plan({ kind: 'graph-filter' }, { users: 10, items: 3 })).toMatchObject({ components: 1 });
  });
});
