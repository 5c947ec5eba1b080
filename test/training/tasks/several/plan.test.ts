import { describe, expect, it } from 'vitest';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import { planTasks } from '../../../../src/training/tasks/several/plan.ts';

const TASKS = ['view', 'cart', 'buy'].map((type) => ({ name: type, types: [type] }));
const LARGE = { users: 32_000, items: 31_000, pairs: 357_000 };

function plan(more: Partial<DistillationSpec> = {}, size = LARGE, tasks: typeof TASKS = TASKS) {
  const spec = completeDistillation({ model: 'shop', tasks, ...more });
  return planTasks(
    spec,
    spec.tasks!,
    tasks.map(() => size),
    size,
  );
}
const budgetOf = (teacher: unknown) => (teacher as { budgetSeconds: number }).budgetSeconds;

describe('the plan of several tasks', () => {
  it('shares the time of one search among the teachers of all tasks, both readings of each', () => {
    const { tasks } = plan();
    const one = budgetOf(tasks[0]!.teacher);
    for (const { teacher, teacherOfAll } of tasks)
      expect([budgetOf(teacher), budgetOf(teacherOfAll)]).toEqual([one, one]);
    const own = plan({ tasks: TASKS.map((task) => ({ ...task, reads: 'own' as const })) });
    expect(budgetOf(own.tasks[0]!.teacher)).toBeGreaterThan(1.9 * one);
  });

  it('leaves to each teacher the time that the job names, and never next to none', () => {
    const named = plan({ teacher: { kind: 'auto', budgetSeconds: 50 } });
    expect(budgetOf(named.tasks[2]!.teacher)).toBe(50);
    expect(budgetOf(plan({}, { users: 100, items: 200, pairs: 900 }).tasks[0]!.teacher)).toBe(12);
  });

  it('takes softmaxes over a part of a large catalogue, with lists as long as the temperature wants', () => {
    const { distillation } = plan();
    expect(distillation).toMatchObject({ among: 1_024, batchSize: 128 });
    const [ranks] = distillation.losses;
    expect(ranks).toMatchObject({ samples: 0, top: 63 });
    expect(plan({}, { ...LARGE, items: 3_000 }).distillation).not.toHaveProperty('among');
  });

  it('has the updates and the scores of teachers that are affordable, whatever the number of users', () => {
    const few = plan({}, { ...LARGE, users: 2_000, pairs: 90_000 }).distillation;
    const many = plan({}, { users: 300_000, items: 31_000, pairs: 3_000_000 }).distillation;
    expect(few.taught).toBe(2_000);
    expect(many.taught).toBeLessThanOrEqual(1.2e9 / (3 * 31_000));
    for (const { taught, epochs } of [few, many]) {
      const steps = epochs * Math.ceil(taught / 128);
      expect(steps).toBeGreaterThanOrEqual(480);
      expect(steps).toBeLessThan(800);
    }
  });

  it('keeps what the job names', () => {
    const { distillation } = plan({ distillation: { epochs: 3, batchSize: 64 } });
    expect(distillation).toMatchObject({ epochs: 3, batchSize: 64 });
    const losses = plan({ distillation: { losses: [{ kind: 'rankLabels' }] } }).distillation;
    expect(losses).not.toHaveProperty('among');
  });
});
