import { problem } from '../../../core/errors.ts';
import { CODE_VERSION } from '../../../core/version.ts';
import { usersWithHistory } from '../../../dataset/batches.ts';
import { buildTaskDataset } from '../../../dataset/build-tasks.ts';
import { describeSplit } from '../../../dataset/split/describe-split.ts';
import { historyFor, splitPairs } from '../../../dataset/split/split.ts';
import {
  type SplitTask,
  taskHistories,
  trainHistories,
  unionPairs,
} from '../../../dataset/task-histories.ts';
import type { NewVersion } from '../../../domain/answers/model.ts';
import type { Report, TaskReport } from '../../../domain/reports/report.ts';
import type { TasksSpec } from '../../../domain/tasks/tasks-spec.ts';
import type { ModelValidation, Teacher } from '../../../teacher/contract.ts';
import { AVERAGE, createEnsemble } from '../../../teacher/several/ensemble.ts';
import { backendWarnings } from '../../report.ts';
import { heldOutTypes, planFilter } from '../../run/plan-job.ts';
import { publishArtifact } from '../../run/publish.ts';
import type { StartedRun } from '../../run/run-options.ts';
import { hashOf } from '../../run/stages.ts';
import { timed, yieldTo } from '../../run/steps.ts';
import { findTeacher } from '../../teachers/given-teacher.ts';
import { weigh } from '../../teachers/obtain-ensemble.ts';
import { obtainTeacher } from '../../teachers/obtain-teacher.ts';
import { identityOf } from '../../teachers/teacher-setup.ts';
import { createValidation } from '../ranking/validation.ts';
import { assessTask, oneForAll } from './assess.ts';
import { planTasks, planTaskWeighting, specOfTask, type TasksSettings } from './plan.ts';
import { readingsOf, readingTeacher, readingValidation } from './reading.ts';
import { type TaskStudent, type Taught, trainTasks } from './train.ts';

export interface TasksRun extends StartedRun {
  tasks: TasksSpec;
}

/**
 * The story of a job with several tasks: pairs of each task -> one teacher each -> one student of all, and one of each alone
 * -> a table per task -> artifact. The caller registers the version that comes back.
 */
export async function runTasks(run: TasksRun): Promise<{ version: NewVersion; warnings: string[] }> {
  const { tasks, engine, progress, logger, signal } = run;
  const { spec } = run.task;
  const seconds: Record<string, number> = {};
  progress.send('data', 0);
  const weighting = planTaskWeighting(spec, tasks);
  const data = await timed(seconds, 'data', () => readTasks(run));
  const { dataset, split, context } = data;
  const size = { users: dataset.users.length, items: dataset.items.length };
  const settings = planTasks(
    spec,
    tasks,
    split.map((task) => ({ users: usersWithHistory(task.split.train).length, items: size.items })),
    size,
    data.given,
  );
  logger.info({ ...size, tasks: settings.tasks.map(({ name }) => name) }, 'data of all tasks ready');

  const taught: Taught[] = [];
  const students: TaskStudent[] = [];
  try {
    await timed(seconds, 'teacher', async () => {
      for (const task of settings.tasks.keys()) taught.push(await teach(run, data, settings, task));
    });
    progress.send('transfer', 0);
    const identity = hashOf(CODE_VERSION, engine.report.name, dataset.hash, spec.distillation.seed, settings);
    const train = async (
      learned: readonly number[],
      stage: 'distillation' | 'single-task',
      loop: number,
      loops: number,
    ) => {
      const student = await trainTasks(taught, learned, context?.matrix ?? null, settings, {
        engine,
        rng: run.rng,
        signal,
        onProgress: progress.fitting(stage, loop, loops),
        resume: await run.stages.resume(`${stage}-${loop}`, hashOf(identity, stage, loop)),
      });
      students.push(student);
      return student;
    };
    const student = await timed(seconds, 'distillation', () =>
      train([...taught.keys()], 'distillation', 0, 1),
    );
    const singles = await timed(seconds, 'singleTask', async () => {
      const made: TaskStudent[] = [];
      for (const task of taught.keys()) made.push(await train([task], 'single-task', task, taught.length));
      return made;
    });
    const tables = await timed(seconds, 'evaluation', async () => {
      const made: TaskReport[] = [];
      const everything = unionPairs([...split.map(({ pairs }) => pairs), ...(context ? [context] : [])]);
      for (const [i, task] of tasks.entries()) {
        const contestants = {
          teacher: taught[i]!.teacher,
          ensemble: taught[i]!.ensemble,
          student,
          single: singles[i]!.weights,
        };
        const how = {
          ...settings,
          ...settings.tasks[i]!,
          timedAnswers: run.timedAnswers,
          describedSplit: describeSplit(specOfTask(spec, task).dataset.split, spec.distillation.seed),
        };
        made.push(
          await assessTask(
            contestants,
            { tasks: split, context, everything },
            i,
            how,
            run.rng.fork(`bootstrap-${i}`),
            (done) => yieldTo(signal, () => progress.send('evaluation', (i + done) / tasks.length)),
          ),
        );
      }
      return made;
    });
    progress.send('publishing', 0);
    const report = reportOf(run, data, settings, { tables, taught, seconds, weighting });
    const publication = { jobId: run.task.jobId, artifacts: run.artifacts, signal };
    const version = await publishArtifact(publication, dataset.items, student.weights, report, weighting);
    for (const warning of report.warnings) run.onWarning(warning);
    progress.send('publishing', 1);
    return { version, warnings: report.warnings };
  } finally {
    for (const { teacher } of taught) teacher.dispose();
    for (const student of students) student.dispose();
  }
}

type TasksData = Awaited<ReturnType<typeof readTasks>>;

async function readTasks(run: TasksRun) {
  const { tasks, store, rng } = run;
  const { spec } = run.task;
  const plans = tasks.map((task) => specOfTask(spec, task).dataset.split);
  const dataset = await store.interactions.snapshot((source) =>
    buildTaskDataset(
      source,
      planTaskWeighting(spec, tasks),
      tasks.map(({ name, types }, i) => ({ name, types, heldOut: heldOutTypes(plans[i]!) })),
      planFilter(spec),
    ),
  );
  const split = dataset.tasks.map(
    ({ name, ...pairs }, i): SplitTask => ({
      name,
      pairs,
      split: splitPairs(pairs, plans[i]!, rng.fork(`split-${name}`)),
    }),
  );
  for (const { name, split: own } of split) {
    if (own.test.indices.length > 0 && own.train.indices.length > 0) continue;
    throw problem(
      'not-enough-data',
      `tasks: of ${name} the split leaves ${own.train.indices.length} pairs to train on and ${own.test.indices.length} to test with; both are needed (three pairs of a user where each user's are split)`,
    );
  }
  const given = [];
  for (const task of tasks) given.push(await findTeacher(run, specOfTask(spec, task), dataset));
  return { dataset, split, context: dataset.context, given };
}

/** Obtains one task's teacher; where it reads all behaviours, two, which count as is best on validation. */
async function teach(run: TasksRun, data: TasksData, settings: TasksSettings, task: number): Promise<Taught> {
  const { engine, rng, signal } = run;
  const { name, types, weight, reads } = settings.tasks[task]!;
  const { split } = data.split[task]!;
  const shown = taskHistories(data.split, data.context, { name, part: 'validation' });
  const validation = createValidation(split, settings.patience, rng.fork(`validation-${name}`), shown);
  const whole = { name, types, weight, train: split.train };
  const obtained: Teacher[] = [];
  try {
    for (const reading of reads === 'own' ? (['own'] as const) : (['own', 'all'] as const)) {
      obtained.push(await obtainReading(run, data, settings, { task, reading, validation }));
    }
    const [own, all] = obtained;
    const lists = run.stages.outputs(
      hashOf(hashOfTask(run, data, settings, task), reads, settings.distillation.targets),
    );
    const atTest = readingsOf(historyFor(split, 'test'));
    if (!all) return { ...whole, teacher: readingTeacher(own!, atTest.own, ''), lists };
    const known = readingsOf(split.train);
    const { shares, ...ensemble } = await weigh(
      [readingTeacher(own!, known.own, ''), readingTeacher(all, known.all, '')],
      { ...AVERAGE, weights: validation ? 'validation' : [1, 1] },
      { signal, ...(validation && { validation }) },
    );
    const teacher = createEnsemble(engine, [
      { teacher: readingTeacher(own!, atTest.own, ''), weight: shares[0]! },
      { teacher: readingTeacher(all, atTest.all, ' of all behaviours'), weight: shares[1]! },
    ]);
    return { ...whole, teacher, ensemble, lists };
  } catch (error) {
    for (const teacher of obtained) teacher.dispose();
    throw error;
  }
}

/** Trains one task's teacher on what it reads, unless the same one was trained before. */
async function obtainReading(
  run: TasksRun,
  data: TasksData,
  settings: TasksSettings,
  how: { task: number; reading: 'own' | 'all'; validation: ModelValidation | undefined },
): Promise<Teacher> {
  const { engine, rng, stages, progress, signal, logger } = run;
  const { task, reading, validation } = how;
  const { name, teacher: planned } = settings.tasks[task]!;
  const { split } = data.split[task]!;
  const readings = readingsOf(split.train);
  const all = settings.tasks.length * 2;
  const { teacher } = await obtainTeacher({
    settings: planned,
    found: data.given[task]!,
    hashFor: (teacher) => hashOf(hashOfTask(run, data, settings, task), { teacher, reading }),
    stages,
    stage: `teacher-${task}-${reading}`,
    context: {
      engine,
      rng: rng.fork(`teacher-${name}`),
      train: reading === 'own' ? split.train : readings.all(trainHistories(data.split, data.context)),
      validation: validation && readingValidation(validation, readings[reading]),
      signal,
      onProgress: progress.fitting('teacher', 2 * task + Number(reading === 'all'), all),
    },
    logger,
  });
  return teacher;
}

/** Of the data and the plan of one task. */
function hashOfTask(
  { engine, tasks, task: { spec } }: TasksRun,
  data: TasksData,
  settings: TasksSettings,
  task: number,
) {
  const { name, teacher } = settings.tasks[task]!;
  const plan = specOfTask(spec, tasks[task]!).dataset.split;
  return hashOf(CODE_VERSION, engine.report.name, data.dataset.hash, plan, spec.distillation.seed, {
    teacher: identityOf(teacher, data.given[task]!),
    name,
    patience: settings.patience,
  });
}

function reportOf(
  { task: { spec }, engine }: TasksRun,
  { dataset, split, context }: TasksData,
  settings: TasksSettings,
  found: { tables: TaskReport[]; taught: Taught[]; seconds: Record<string, number>; weighting: object },
): Report {
  const { tables, taught, seconds, weighting } = found;
  const first = tables[0]!;
  const { comparison } = first;
  const student = first.rankers.find(({ name }) => name === 'student')!;
  const teacherBytes = taught.reduce((sum, { teacher }) => sum + teacher.bytes, 0);
  const sum = (of: (table: TaskReport) => number) => tables.reduce((total, table) => total + of(table), 0);
  const seed = spec.distillation.seed;
  return {
    model: spec.model,
    createdAt: new Date().toISOString(),
    rankers: first.rankers,
    comparison: {
      compressionRatio: teacherBytes / student.bytes,
      retained: comparison.retained,
      keptByRounding: comparison.keptByRounding,
      gainOverAlone: {},
      gainOverPopularity: comparison.gainOverPopularity,
    },
    tasks: tables,
    oneForAll: oneForAll(tables),
    data: {
      users: dataset.users.length,
      items: dataset.items.length,
      interactions: trainHistories(split, context).indices.length,
      train: sum(({ data }) => data.train),
      validation: sum(({ data }) => data.validation),
      test: sum(({ data }) => data.test),
      testUsers: first.data.testUsers,
      split: tables.map(({ task, data }) => `${task}: ${data.split}`).join('; '),
      hash: dataset.hash,
    },
    protocol: {
      ranking:
        "all items but those that the user's training and validation pairs of the task name; ties count against the ranker",
      histories:
        'training pairs of all behaviours before the first test pair, and the validation pairs of the task; of these a teacher reads those of the task, or all',
      recallDenominator: settings.recallDenominator,
      interval: '95 %, percentile bootstrap over users, 1,000 replicates; comparisons are paired',
    },
    studentBeforeTraining: null,
    settings: {
      ...settings,
      chosenTeachers: taught.map(({ name, teacher }) => ({ task: name, ...teacher.settings })),
      weighting,
    },
    seed,
    backend: { ...engine.report },
    codeVersion: CODE_VERSION,
    seconds,
    warnings: backendWarnings(engine.report),
  };
}
