import { describe, expect, it } from 'vitest';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import { distillationProblem } from '../../../../src/domain/jobs/rules/check-distillation.ts';

const renewed = { model: 'movies', part: 'renewed' } as const;

describe('a job that renews a version', () => {
  it.each<Partial<DistillationSpec>>([
    {},
    { student: { kind: 'fold-in', dimensions: 32 }, distillation: { seed: 2, epochs: 4 } },
  ])('is accepted with %o', (spec) => {
    expect(distillationProblem({ model: 'm', teacher: renewed, ...spec })).toBeNull();
  });

  it.each<[Partial<DistillationSpec>, RegExp]>([
    [
      { task: 'sequential' },
      /^teacher.part renewed .* this job has task sequential; use part teacher or student/,
    ],
    [{ task: 'rating' }, /teacher/],
    [{ tasks: [{ name: 'buy', types: ['buy'] }] }, /this job has tasks/],
    [
      { teacher: { kind: 'ease' }, tasks: [{ name: 'buy', types: ['buy'], teacher: renewed }] },
      /^tasks\[0\]\.teacher\.part: /,
    ],
    [
      { teacher: { kind: 'ensemble', members: [{ kind: 'ease' }, renewed] } },
      /^teacher\.members\[1\]\.part renewed is for a job's only teacher/,
    ],
    [{ features: { items: true } }, /^teacher.part renewed .* without features/],
    [{ distillation: { transfer: 'svd' } }, /^distillation.transfer does not go with teacher.part renewed/],
    [{ distillation: { losses: [{ kind: 'rankLabels' }] } }, /^distillation.losses does not go with/],
  ])('is refused with %o', (spec, message) => {
    expect(distillationProblem({ model: 'm', teacher: renewed, ...spec })).toMatch(message);
  });
});
