import { describe, expect, it } from 'vitest';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import { distillationProblem } from '../../../../src/domain/jobs/rules/check-distillation.ts';

const TASKS = [
  { name: 'buy', types: ['buy'] },
  { name: 'look', types: ['view', 'click'], weight: 0.5 },
];
const problemOf = (spec: Partial<DistillationSpec>) =>
  distillationProblem({ model: 'shop', tasks: TASKS, ...spec });

describe('tasks without contradictions', () => {
  it.each<Partial<DistillationSpec>>([
    {},
    { distillation: { taskBalance: 'gradient', transfer: 'none' } },
    { evaluation: { refit: true } },
    { teacher: { model: 'shop' } },
    { tasks: [{ ...TASKS[0]!, weight: 0 }, TASKS[1]!] },
    { tasks: [{ ...TASKS[0]!, split: { strategy: 'types', test: 'later' } }, TASKS[1]!] },
  ])('have no problem: %j', (spec) => {
    expect(problemOf(spec)).toBeNull();
  });
});

describe('a contradiction in the tasks', () => {
  it.each<[Partial<DistillationSpec>, RegExp]>([
    [{ tasks: [TASKS[0]!, { ...TASKS[1]!, name: 'buy' }] }, /^tasks\[1\]\.name buy is there twice/],
    [{ tasks: TASKS.map((task) => ({ ...task, weight: 0 })) }, /^tasks .*sum to zero/],
    [
      {
        tasks: [TASKS[0]!, { ...TASKS[1]!, teacher: { kind: 'gru', hidden: [9, 9] } }],
      },
      /^tasks\[1\]\.teacher\.kind gru learns from the order/,
    ],
    [
      { tasks: [{ ...TASKS[0]!, split: { strategy: 'types' } }, TASKS[1]!] },
      /^tasks\[0\]\.split\.test is missing/,
    ],
    [
      {
        distillation: { losses: [{ kind: 'rankLabels' }, { kind: 'fitnet' }] },
        teacher: { kind: 'softmax' },
      },
      /^distillation\.losses\[1\]\.kind fitnet .*rankLabels/,
    ],
    [
      { tasks: [TASKS[0]!, { ...TASKS[1]!, reads: 'all', teacher: { kind: 'external', name: 'theirs' } }] },
      /^tasks\[1\]\.reads all is for a teacher that the job trains/,
    ],
    [
      { tasks: [{ ...TASKS[0]!, reads: 'all' }, TASKS[1]!], teacher: { model: 'shop' } },
      /^tasks\[0\]\.reads all is for a teacher that the job trains/,
    ],
    [{ distillation: { transfer: 'neurons' } }, /^distillation\.transfer neurons .*svd or none/],
    [{ dataset: { minInteractions: { perUser: 3 } } }, /^dataset\.minInteractions/],
    [{ tasks: undefined, distillation: { taskBalance: 'fixed' } }, /^distillation\.taskBalance only/],
    [{ tasks: undefined, distillation: { taskTargets: 'unseen' } }, /^distillation\.taskTargets only/],
  ])('is named: %j', (spec, message) => {
    const { tasks, ...rest } = spec;
    const problem =
      'tasks' in spec
        ? problemOf({ ...rest, ...(tasks ? { tasks } : { tasks: undefined as never }) })
        : problemOf(rest);
    expect(problem).toMatch(message);
  });
});
