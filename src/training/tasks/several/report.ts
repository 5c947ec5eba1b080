import { describeSplit } from '../../../dataset/split/describe-split.ts';
import { describeMasked, maskedFor } from '../../../dataset/split/masked.ts';
import { describeSampled } from '../../../dataset/split/sample-test.ts';
import { trainHistories } from '../../../dataset/task-histories.ts';
import type { Weighting } from '../../../domain/data/weighting.ts';
import type { TaskReport } from '../../../domain/reports/task-report.ts';
import { intervalInWords } from '../../../evaluation/bootstrap.ts';
import { atTen, headlineOf } from '../../../evaluation/verdict/headline.ts';
import type { ReportBody } from '../../report.ts';
import { namedAnswers } from '../../run/answered.ts';
import type { RunningStage } from '../../run/run.ts';
import { type Repeat, seedsOf } from '../../task.ts';
import { storedOf } from '../../teachers/find-teacher.ts';
import { takenOutReport } from '../../teachers/learned-before.ts';
import { openLiveRanking } from '../ranking/live.ts';
import { assessTask, oneForAll } from './assess.ts';
import { CONTROL, TAUGHT, type TasksChoice } from './choose-student.ts';
import type { TaskControls } from './controls.ts';
import { specOfTask, type TasksSettings } from './plan.ts';
import type { PlannedTasks, TasksTeacher } from './teach.ts';
import type { TaskStudent } from './train.ts';

/** A table per task, each on its own test pairs. */
export async function assessTasks(
  { run, tasks, settings, dataset, split, found, weighting }: PlannedTasks,
  { taught }: TasksTeacher,
  {
    student,
    controls,
    repeats,
  }: {
    student: TaskStudent;
    controls: readonly TaskControls[];
    repeats: readonly Repeat<TaskStudent, TaskControls>[];
  },
  advance: RunningStage['advance'],
): Promise<TaskReport[]> {
  const { spec, rng, timedAnswers, onAnswer } = run;
  const { context, users, items } = dataset;
  const tables: TaskReport[] = [];
  for (const [i, task] of tasks.entries()) {
    const { teacher, ensemble, wake, rest } = taught[i]!;
    await wake();
    const describedSplit = describeSplit(
      split[i]!.split.instead?.plan ?? specOfTask(spec, task).dataset.split,
      spec.distillation.seed,
    );
    const job = { users, items, weighting, maxHistory: settings.maxHistory, task: task.name };
    const { live } = await openLiveRanking(run, job);
    const table = await assessTask(
      {
        live,
        teacher,
        ensemble,
        student,
        controls: controls[i]!,
        repeats: repeats.map((one) => ({ student: one.student, controls: one.controls[i]! })),
      },
      { users, items, tasks: split, context },
      i,
      {
        ...settings,
        ...settings.tasks[i]!,
        describedSplit,
        timedAnswers,
        onRanked: namedAnswers(onAnswer, dataset, task.name),
        unseenShare: spec.evaluation.unseenUsers ?? 0,
        seeds: seedsOf(spec.distillation.seed, repeats),
      },
      rng.fork(`bootstrap-${i}`),
      (done) => advance((i + done) / tasks.length),
    );
    await rest();
    const takenOut = takenOutReport(storedOf(found[i]!), split[i]!.split.takenOut);
    tables.push({ ...table, data: { ...table.data, ...takenOut } });
  }
  return tables;
}

/** Bytes of all teachers together. */
export function bytesOf({ taught }: TasksTeacher): number {
  return taught.reduce((sum, { teacher }) => sum + teacher.bytes, 0);
}

/** The first task's table stands at the top, as it is served where no task is asked for. */
export function reportTasks(
  { dataset, split, held }: PlannedTasks,
  teacher: TasksTeacher,
  tables: readonly TaskReport[],
  {
    settings,
    choice,
    weighting,
  }: { settings: TasksSettings; choice: TasksChoice | undefined; weighting: Weighting },
): ReportBody {
  const first = tables[0]!;
  const headlineMetric = atTen('ndcg', settings.ks);
  const student = first.models.find(({ name }) => name === 'student')!;
  const { testUsers, testUsersInAll } = first.data;
  const sampled = testUsersInAll === undefined ? {} : { sampled: { users: testUsers, of: testUsersInAll } };
  const sum = (of: (table: TaskReport) => number) => tables.reduce((total, table) => total + of(table), 0);
  return {
    headlineMetric,
    models: first.models,
    comparison: { ...first.comparison, compressionRatio: bytesOf(teacher) / student.bytes },
    histories: first.histories,
    ...(first.seeds && { seeds: first.seeds }),
    tasks: tables.map((table) => {
      const headline = headlineOf(table, headlineMetric);
      return { ...table, ...(headline && { headline }) };
    }),
    oneForAll: oneForAll(tables),
    data: {
      users: dataset.users.length,
      items: dataset.items.length,
      interactions: trainHistories(split, dataset.context).indices.length,
      train: sum(({ data }) => data.train),
      validation: sum(({ data }) => data.validation),
      test: sum(({ data }) => data.test),
      testUsers,
      ...(testUsersInAll !== undefined && { testUsersInAll }),
      split: tables.map(({ task, data }) => `${task}: ${data.split}`).join('; '),
      hash: dataset.hash,
    },
    protocol: {
      ranking: `${split.map((task) => `${task.name}: ${describeMasked(task.split, maskedFor(task.split, task.unlisted ?? {}, 'test'))}, of this task`).join('; ')}; ties count against the ranker${describeSampled(sampled)}`,
      histories: `training pairs of all behaviours before the first test pair, and the validation pairs of the task, the newest ${settings.maxHistory} of each user, as in serving; of these a teacher reads those of the task, or all`,
      recallDenominator: settings.recallDenominator,
      interval: intervalInWords(first.seeds?.length ?? 1),
    },
    settings: {
      ...settings,
      chosenTeachers: teacher.taught.map((one, i) => ({
        task: settings.tasks[i]!.name,
        ...one.teacher.settings,
      })),
      weighting,
      ...(held.some(Boolean) && {
        validationHeldEverywhere: settings.tasks.flatMap(({ name }, i) => (held[i] ? [name] : [])),
      }),
      ...(choice && {
        studentChosen: choice.isControl ? CONTROL : TAUGHT,
        studentsTried: choice.tried,
      }),
    },
  };
}
