import { describeSplit } from '../../../dataset/split/describe-split.ts';
import { describeMasked, maskedFor } from '../../../dataset/split/masked.ts';
import { trainHistories } from '../../../dataset/task-histories.ts';
import type { Weighting } from '../../../domain/data/weighting.ts';
import type { Report } from '../../../domain/reports/report.ts';
import type { TaskReport } from '../../../domain/reports/task-report.ts';
import type { ReportHead } from '../../report.ts';
import { namedAnswers } from '../../run/answered.ts';
import type { RunningStage } from '../../run/run.ts';
import { assessTask, oneForAll } from './assess.ts';
import { specOfTask } from './plan.ts';
import type { PlannedTasks, TasksTeacher } from './teach.ts';
import type { TaskStudent } from './train.ts';

export type TasksReport = Omit<Report, keyof ReportHead> & { settings: object };

/** A table per task, each on its own test pairs. */
export async function assessTasks(
  { run: { spec, rng, timedAnswers, onAnswer }, tasks, settings, dataset, split }: PlannedTasks,
  { taught }: TasksTeacher,
  { student, controls }: { student: TaskStudent; controls: readonly TaskStudent[] },
  advance: RunningStage['advance'],
): Promise<TaskReport[]> {
  const { context } = dataset;
  const tables: TaskReport[] = [];
  for (const [i, task] of tasks.entries()) {
    const { teacher, ensemble } = taught[i]!;
    const describedSplit = describeSplit(specOfTask(spec, task).dataset.split, spec.distillation.seed);
    tables.push(
      await assessTask(
        { teacher, ensemble, student, control: controls[i]!.weights },
        { tasks: split, context },
        i,
        {
          ...settings,
          ...settings.tasks[i]!,
          describedSplit,
          timedAnswers,
          onRanked: namedAnswers(onAnswer, dataset, task.name),
        },
        rng.fork(`bootstrap-${i}`),
        (done) => advance((i + done) / tasks.length),
      ),
    );
  }
  return tables;
}

/** Bytes of all teachers together. */
export function bytesOf({ taught }: TasksTeacher): number {
  return taught.reduce((sum, { teacher }) => sum + teacher.bytes, 0);
}

/** The first task's table stands at the top, as it is served where no task is asked for. */
export function reportTasks(
  { dataset, split, settings }: PlannedTasks,
  teacher: TasksTeacher,
  tables: readonly TaskReport[],
  weighting: Weighting,
): TasksReport {
  const first = tables[0]!;
  const { comparison } = first;
  const student = first.rankers.find(({ name }) => name === 'student')!;
  const sum = (of: (table: TaskReport) => number) => tables.reduce((total, table) => total + of(table), 0);
  return {
    rankers: first.rankers,
    comparison: {
      compressionRatio: bytesOf(teacher) / student.bytes,
      retained: comparison.retained,
      keptByRounding: comparison.keptByRounding,
      gainOverAlone: {},
      gainOverPopularity: comparison.gainOverPopularity,
    },
    tasks: [...tables],
    oneForAll: oneForAll(tables),
    data: {
      users: dataset.users.length,
      items: dataset.items.length,
      interactions: trainHistories(split, dataset.context).indices.length,
      train: sum(({ data }) => data.train),
      validation: sum(({ data }) => data.validation),
      test: sum(({ data }) => data.test),
      testUsers: first.data.testUsers,
      split: tables.map(({ task, data }) => `${task}: ${data.split}`).join('; '),
      hash: dataset.hash,
    },
    protocol: {
      ranking: `${split.map((task) => `${task.name}: ${describeMasked(task.split, maskedFor(task.split, task.unlisted ?? {}, 'test'))}, of this task`).join('; ')}; ties count against the ranker`,
      histories: `training pairs of all behaviours before the first test pair, and the validation pairs of the task, the newest ${settings.maxHistory} of each user, as in serving; of these a teacher reads those of the task, or all`,
      recallDenominator: settings.recallDenominator,
      interval: '95 %, percentile bootstrap over users, 1,000 replicates; comparisons are paired',
    },
    studentBeforeTraining: null,
    settings: {
      ...settings,
      chosenTeachers: teacher.taught.map((one, i) => ({
        task: settings.tasks[i]!.name,
        ...one.teacher.settings,
      })),
      weighting,
    },
  };
}
