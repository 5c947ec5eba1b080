import { beforeAll, describe, expect, it } from 'vitest';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import type { ModelReport } from '../../src/domain/reports/model-report.ts';
import { type Row, sourceOf } from '../helpers/data.ts';
import { labelledFilms, labelledPeople, takenRows } from '../helpers/labelled.ts';
import { RATING_SPEC, ratedRows } from '../helpers/rated.ts';
import { twoTasks } from '../helpers/two-tasks.ts';
import { replacing } from './replacing.ts';
import { run, storeOf } from './run-job.ts';
import { SPEC as TASKS_SPEC } from './tasks/several/jobs.ts';

const CATALOGUE = { items: labelledFilms(), users: labelledPeople() };
const catalogued = (rows: Row[]) => ({ ...storeOf(rows), interactions: sourceOf(rows, 50, CATALOGUE) });
const brief = { ...TASKS_SPEC.distillation, epochs: 2 };

const TASKS: { name: string; spec: DistillationSpec; rows: Row[]; metric: string }[] = [
  {
    name: 'rating',
    spec: { ...RATING_SPEC, distillation: { ...RATING_SPEC.distillation, epochs: 2 } },
    rows: ratedRows(),
    metric: 'rmse',
  },
  {
    name: 'several tasks',
    spec: { ...TASKS_SPEC, distillation: brief },
    rows: twoTasks(),
    metric: 'recall@3',
  },
  {
    name: 'labels',
    spec: {
      model: 'kinds',
      task: 'multi-label',
      labels: { of: 'items', from: 'categories' },
      teacher: { kind: 'multilabel', hidden: [8], epochs: 2, batchSize: 16 },
      student: { kind: 'fold-in', dimensions: 8 },
      distillation: { epochs: 2, batchSize: 16, seed: 3 },
    },
    rows: takenRows(),
    metric: 'microF1',
  },
];

type Task = (typeof TASKS)[number];
/** All of one model, so that each job can also stand for a version of another kind of task. */
const MODEL = 'live';
const jobs = new Map<Task, ReturnType<typeof run>>();
const jobOf = (task: Task) => {
  const job =
    jobs.get(task) ?? run({ ...task.spec, model: MODEL }, task.rows, { store: catalogued(task.rows) });
  jobs.set(task, job);
  return job;
};

describe.each(TASKS)('the live version of $name', (task) => {
  const { rows, metric } = task;
  const spec = { ...task.spec, model: MODEL };
  let first: Awaited<ReturnType<typeof run>>;
  const store = catalogued(rows);
  beforeAll(async () => {
    first = await jobOf(task);
  });

  it('is as good as the same student on the whole test, where it has learned from none of it', async () => {
    const { report } = await replacing(first, spec, rows, { store });
    for (const { models, comparison } of report.tasks ?? [report]) {
      const of = (name: ModelReport['name']) => models.find((one) => one.name === name)!;
      const { metrics, over, version, role } = of('live');
      expect({ role, version }).toEqual({ role: 'live', version: 3 });
      expect(metrics[metric]!.value).toBeCloseTo(of('student').metrics[metric]!.value, 6);
      expect(over!.student[metric]!.value).toBeCloseTo(of('student').metrics[metric]!.value, 6);
      expect(comparison.gainOverLive![metric]!.value).toBeCloseTo(0, 6);
    }
    expect(report.verdict.findings.some(({ about }) => about === 'live')).toBe(true);
  });

  it('is not compared where it was refitted on all of the test', async () => {
    const refit = { ...spec, evaluation: { ...spec.evaluation, refit: true } };
    const { report, warned } = await replacing(await run(refit, rows, { store }), spec, rows, { store });
    expect(report.models.some(({ name }) => name === 'live')).toBe(false);
    const whys = warned.filter((one) => one.startsWith('There is no comparison'));
    expect(whys).toHaveLength(report.tasks?.length ?? 1);
    for (const why of whys) expect(why).toMatch(/learned from everything in the test/);
  });

  it('of another kind is not compared, and a warning says why', async () => {
    const live = await jobOf(TASKS.find((one) => one !== task)!);
    const { report, warned } = await replacing(live, spec, rows, { store });
    expect(report.models.some(({ name }) => name === 'live')).toBe(false);
    expect(warned.join('\n')).toMatch(
      /There is no comparison with version 3 of .*, which is live.*: it (predicts|ranks|has) /,
    );
  });
});
