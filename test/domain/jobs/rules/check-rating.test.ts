import { describe, expect, it } from 'vitest';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import { distillationProblem } from '../../../../src/domain/jobs/rules/check-distillation.ts';

const job = (spec: Partial<DistillationSpec>) => distillationProblem({ model: 'm', task: 'rating', ...spec });

describe('a job of the task rating', () => {
  it('has a teacher of its own and a random split by default', () => {
    expect(completeDistillation({ model: 'm', task: 'rating' })).toMatchObject({
      teacher: { kind: 'matrix-factorization', objective: 'svd++' },
      dataset: { split: { strategy: 'random' } },
    });
  });

  it.each<Partial<DistillationSpec>>([
    {},
    { teacher: { kind: 'matrix-factorization', objective: 'biased', dimensions: 8, epochs: 3 } },
    { teacher: { model: 'stars' } },
    { teacher: { kind: 'stored', model: 'stars', version: 2, part: 'teacher' } },
    { distillation: { losses: [{ kind: 'softLabels', weight: 2 }, { kind: 'hardLabels' }] } },
    { dataset: { types: { stars: {} }, ratingScale: { low: 0, high: 10 } } },
  ])('may say %j', (spec) => {
    expect(job(spec)).toBeNull();
  });

  it.each<[Partial<DistillationSpec>, RegExp]>([
    [{ teacher: { kind: 'ease' } }, /teacher.kind ease ranks items and predicts no ratings/],
    [
      { teacher: { model: 'stars', part: 'student' } },
      /teacher.part student does not apply to the task rating/,
    ],
    [
      { teacher: { kind: 'external', name: 'night' } },
      /teacher.kind external ranks items and predicts no ratings/,
    ],
    [{ teacher: { kind: 'matrix-factorization', objective: 'bpr' } }, /teacher.objective bpr ranks items/],
    [
      { teacher: { kind: 'matrix-factorization', negatives: 3 } },
      /teacher.negatives belongs to objective bpr of matrix-factorization; leave it out for objective svd\+\+/,
    ],
    [
      { student: { kind: 'fold-in', tied: true, maxHistory: 5 } },
      /student.tied does not apply to the task rating; its student has dimensions, maxHistory/,
    ],
    [{ student: { kind: 'fold-in', tied: true } }, /student.tied does not apply to the task rating/],
    [{ student: { kind: 'fold-in', quantization: 'pq' } }, /student.quantization pq does not apply/],
    [{ distillation: { losses: [{ kind: 'rce-kd' }] } }, /losses\[0\].kind rce-kd compares orders/],
    [
      { distillation: { losses: [{ kind: 'softLabels', temperature: 2 }] } },
      /losses\[0\].temperature does not apply to ratings/,
    ],
    [{ distillation: { transfer: 'svd' } }, /transfer svd does not apply to the task rating/],
    [{ dataset: { halfLifeDays: 3 } }, /halfLifeDays does not apply to ratings/],
    [{ dataset: { types: { rating: { minValue: 4 } } } }, /dataset.types.rating.minValue does not apply/],
    [{ dataset: { ratingScale: { low: 5, high: 1 } } }, /ratingScale.low must be below high; got 5 and 1/],
    [{ dataset: { split: { strategy: 'types', test: 'x' } } }, /split.strategy types holds out a type/],
    [
      { task: 'single-label', dataset: { ratingScale: { low: 1, high: 5 } } },
      /ratingScale belongs to the task rating/,
    ],
    [
      { task: 'single-label', teacher: { kind: 'matrix-factorization', objective: 'svd++' } },
      /objective svd\+\+ predicts ratings; add "task": "rating"/,
    ],
  ])('is refused for %j', (spec, reason) => {
    expect(job(spec)).toMatch(reason);
  });
});
