import { describe, expect, it } from 'vitest';
import { loadStudent } from '../../../../src/artifact/student/load.ts';
import { studentOfTask } from '../../../../src/artifact/student/student-weights.ts';
import { createRng } from '../../../../src/core/rng.ts';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import { createStudentScorer } from '../../../../src/scoring/student-scorer.ts';
import { CONTROL, TAUGHT } from '../../../../src/training/tasks/several/choose-student.ts';
import type { TasksTrial } from '../../../../src/training/tasks/several/pick-student.ts';
import type { Row } from '../../../helpers/data.ts';
import { twoTasks } from '../../../helpers/two-tasks.ts';
import { run } from '../../run-job.ts';
import { SPEC } from './jobs.ts';

const job = (more: Partial<DistillationSpec>, rows: Row[]) => {
  const { distillation: _, ...rest } = SPEC;
  return run({ ...rest, distillation: { seed: 7, batchSize: 32 }, ...more }, rows);
};

/** Two tastes of fourteen films each, of which every user watches some and buys others. */
function oneShelf(users: number): Row[] {
  const rng = createRng(3);
  return Array.from({ length: users }, (_, user) =>
    Array.from(rng.shuffle(Int32Array.from({ length: 14 }, (_, i) => i)).subarray(0, 11), (film, i) => ({
      user: `user-${user}`,
      item: `film-${user % 2}-${film}`,
      type: i % 2 === 0 ? 'buy' : 'watch',
      timestamp: 1_000_000 + i * 1000,
    })),
  ).flat();
}

const triedOf = ({ settings }: { settings: Record<string, unknown> }) =>
  settings.studentsTried as TasksTrial[] | undefined;

describe('the student of several tasks', () => {
  it('is a model without a teacher where its teachers know less than the data, and says so', async () => {
    // All that such a teacher knows is what is popular, and the two tastes are equally so.
    const { report, artifacts, version } = await job(
      { teacher: { kind: 'popularity' }, evaluation: { k: [3], refit: true } },
      oneShelf(80),
    );
    const [taught, control] = triedOf(report)!;
    expect([taught!.student, control!.student]).toEqual([TAUGHT, CONTROL]);
    expect(control!.score - control!.noise).toBeGreaterThan(taught!.score);
    expect(report.settings.studentChosen).toBe(CONTROL);
    expect(report.warnings).toContainEqual(
      expect.stringMatching(/below a model of its size without a teacher, so that one is published/),
    );
    const { weights, items, manifest } = await loadStudent(artifacts, version.artifact);
    expect(manifest.tasks?.map(({ name }) => name)).toEqual(['buy', 'watch']);
    expect(weights.solver).toBeDefined();
    const film = [items.indexOf('film-1-0'), items.indexOf('film-1-1')];
    for (const task of [0, 1]) {
      const scorer = createStudentScorer(studentOfTask(weights, task));
      const { rows } = scorer.recommend(film, [1, 1], 3, film);
      for (const row of rows.subarray(0, 3)) expect(items[row]).toMatch(/^film-1-/);
    }
  });

  it('is not compared where the job names how it learns, or few can be asked', async () => {
    const named = await run({ ...SPEC, distillation: { ...SPEC.distillation, epochs: 2 } }, twoTasks(80));
    expect(triedOf(named.report)).toBeUndefined();
    const few = await job({}, twoTasks(40));
    expect(triedOf(few.report)).toBeUndefined();
  });
});
