import { type StudentWeights, studentOfTask } from '../../../artifact/student/student-weights.ts';
import type { Rng } from '../../../core/rng.ts';
import { columnSums } from '../../../dataset/matrix.ts';
import { maskedFor } from '../../../dataset/split/masked.ts';
import { keepNewest } from '../../../dataset/split/newest.ts';
import type { Pairs } from '../../../dataset/split/split-parts.ts';
import { type SplitTask, taskHistories, unionNewest } from '../../../dataset/task-histories.ts';
import type { RankerReport } from '../../../domain/reports/ranker-report.ts';
import type { Report } from '../../../domain/reports/report.ts';
import type { TaskReport } from '../../../domain/reports/task-report.ts';
import { createResampling } from '../../../evaluation/bootstrap.ts';
import { type EvaluationData, evaluate, type OnRanked } from '../../../evaluation/evaluate.ts';
import { gainOver, relativeGain, shareOf } from '../../../evaluation/report.ts';
import type { Outcome } from '../../../evaluation/tally.ts';
import type { Teacher } from '../../../teacher/contract.ts';
import type { EnsembleFacts } from '../../teachers/teacher-setup.ts';
import { ensembleReport } from '../ranking/ensemble-report.ts';
import {
  type Entry,
  memberEntry,
  popularityEntry,
  reportEntries,
  studentEntry,
  teacherEntry,
  unroundedEntry,
} from '../ranking/entries.ts';
import type { TasksSettings } from './plan.ts';
import type { TaskStudent } from './train.ts';

export interface TaskContestants {
  teacher: Teacher;
  ensemble: EnsembleFacts | undefined;
  /** With all tasks. */
  student: TaskStudent;
  /** The student of this task alone. */
  control: StudentWeights;
}

export interface TaskData {
  tasks: readonly SplitTask[];
  context: Pairs | null;
}

/**
 * One task's table, on its own test pairs. The students read the history of all behaviours up to the first test pair, and so
 * does a teacher that reads them (others that of their own); left out of the ranking is what the user is known to have done of this task.
 */
export async function assessTask(
  { teacher, ensemble, student, control }: TaskContestants,
  { tasks, context }: TaskData,
  task: number,
  settings: Pick<TasksSettings, 'ks' | 'recallDenominator' | 'maxHistory'> & {
    describedSplit: string;
    weight: number;
    types: readonly string[];
    timedAnswers: number | undefined;
    onRanked: OnRanked | undefined;
  },
  rng: Rng,
  onFraction: (fraction: number) => Promise<void> | void,
): Promise<TaskReport> {
  const { name, split, unlisted = {} } = tasks[task]!;
  const all = [...tasks.map(({ pairs }) => pairs), ...(context ? [context] : [])];
  const masked = maskedFor(split, unlisted, 'test');
  const data: EvaluationData = {
    histories: keepNewest(
      taskHistories(tasks, context, { name, part: 'test' }),
      unionNewest(all, split.until?.test),
      settings.maxHistory,
    ),
    ...masked,
    popularity: columnSums(split.train),
  };
  const own = entriesOf({ teacher, student, control }, task, data.popularity);
  const members = teacher.members ?? [];
  const entries = [...own, ...members.map((member, i) => memberEntry(member.teacher, i))];
  const { users, outcomes } = await evaluate(
    entries.map(({ ranker }) => ranker),
    data,
    { ...settings, onBatch: onFraction },
  );
  const resampling = createResampling(users.length, rng);
  const rankers = reportEntries(
    entries,
    outcomes,
    { histories: data.histories, users },
    resampling,
    settings.timedAnswers,
  );
  const of = Object.fromEntries(outcomes.map((outcome) => [outcome.name, outcome])) as Record<
    string,
    Outcome
  >;
  return {
    task: name,
    types: [...settings.types],
    weight: settings.weight,
    data: {
      train: split.train.indices.length,
      validation: split.validation.indices.length,
      test: split.test.indices.length,
      testUsers: users.length,
      split: settings.describedSplit,
    },
    rankers: rankers.slice(0, own.length),
    ...(members.length > 0 && {
      ensemble: ensembleReport({ teacher, ...(ensemble && { ensemble }) }, {}, rankers.slice(own.length)),
    }),
    comparison: {
      retained: shareOf(of.student!, of.teacher!, resampling),
      keptByRounding: shareOf(of.student!, of['student-float32']!, resampling),
      gainOverSingleTask: gainOver(of.student!, of['single-task']!, resampling),
      gainOverPopularity: relativeGain(of.student!, of.popularity!, resampling),
    },
  };
}

function entriesOf(
  { teacher, student, control }: Omit<TaskContestants, 'ensemble'>,
  task: number,
  popularity: Float32Array,
): Entry[] {
  const { weights } = student;
  return [
    teacherEntry(teacher),
    studentEntry('student', weights, '', studentOfTask(weights, task)),
    unroundedEntry(weights, (histories) => student.scores(histories, task)),
    studentEntry('single-task', control, ', this task alone'),
    popularityEntry(popularity, "items by weight in the task's training pairs"),
  ];
}

/** One student against one per task. */
export function oneForAll(tables: readonly TaskReport[]): NonNullable<Report['oneForAll']> {
  const of = (name: RankerReport['name']) =>
    tables.map(({ rankers }) => rankers.find((r) => r.name === name)!);
  const sum = (rankers: RankerReport[], field: 'bytes' | 'p50Microseconds') =>
    rankers.reduce((total, ranker) => total + ranker[field], 0);
  const bytes = of('student')[0]!.bytes;
  const singleTaskBytes = sum(of('single-task'), 'bytes');
  return {
    bytes,
    singleTaskBytes,
    sizeRatio: singleTaskBytes / bytes,
    p50Microseconds: sum(of('student'), 'p50Microseconds'),
    singleTaskP50Microseconds: sum(of('single-task'), 'p50Microseconds'),
  };
}
