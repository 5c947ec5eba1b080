import { studentOfTask } from '../../../artifact/student/student-weights.ts';
import type { Rng } from '../../../core/rng.ts';
import { type Csr, columnSums } from '../../../dataset/matrix.ts';
import { keepNewest } from '../../../dataset/split/newest.ts';
import { knownFor } from '../../../dataset/split/split.ts';
import type { Pairs } from '../../../dataset/split/split-parts.ts';
import { type SplitTask, taskHistories, type unionPairs } from '../../../dataset/task-histories.ts';
import type { RankerReport } from '../../../domain/reports/ranker-report.ts';
import type { Report } from '../../../domain/reports/report.ts';
import type { TaskReport } from '../../../domain/reports/task-report.ts';
import { createResampling } from '../../../evaluation/bootstrap.ts';
import { type EvaluationData, evaluate } from '../../../evaluation/evaluate.ts';
import { gainOver, relativeGain, shareOf } from '../../../evaluation/report.ts';
import type { Outcome } from '../../../evaluation/tally.ts';
import { MAX_HISTORY } from '../../../scoring/user-vector.ts';
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
import { bestOfTaskEntry, type TaskControls } from './controls.ts';
import type { TasksSettings } from './plan.ts';
import type { TaskStudent } from './train.ts';

export interface TaskContestants {
  teacher: Teacher;
  ensemble: EnsembleFacts | undefined;
  /** With all tasks. */
  student: TaskStudent;
  controls: Pick<TaskControls, 'best'> & { single: Pick<TaskStudent, 'weights'> };
}

export interface TaskData {
  tasks: readonly SplitTask[];
  context: Pairs | null;
  /** The pairs of all behaviours, each once. */
  everything: ReturnType<typeof unionPairs>;
}

/**
 * One task's table, on its own test pairs. The students read the history of all behaviours up to the first test pair, and so
 * does a teacher that reads them (others that of their own); left out of the ranking is what the user is known to have done of this task.
 */
export async function assessTask(
  { teacher, ensemble, student, controls }: TaskContestants,
  { tasks, context, everything }: TaskData,
  task: number,
  settings: Pick<TasksSettings, 'ks' | 'recallDenominator'> & {
    describedSplit: string;
    weight: number;
    types: readonly string[];
    timedAnswers: number | undefined;
  },
  rng: Rng,
  onFraction: (fraction: number) => Promise<void> | void,
): Promise<TaskReport> {
  const { name, split } = tasks[task]!;
  const known = knownFor(split, 'test');
  const data: EvaluationData = {
    known,
    histories: keepNewest(taskHistories(tasks, context, { name, part: 'test' }), everything, MAX_HISTORY),
    heldOut: split.test,
    // The pairs of the task that the student learned from: its training pairs.
    popularity: columnSums(split.train),
  };
  const own = entriesOf({ teacher, student, controls }, task, { ...data, known });
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
      gainOverAlone: gainOver(of.student!, of['best-alone']!, resampling),
      gainOverSingleTask: gainOver(of.student!, of['single-task']!, resampling),
      gainOverPopularity: relativeGain(of.student!, of.popularity!, resampling),
    },
  };
}

function entriesOf(
  { teacher, student, controls }: Omit<TaskContestants, 'ensemble'>,
  task: number,
  { popularity, known }: { popularity: Float32Array; known: Csr },
): Entry[] {
  const { weights } = student;
  return [
    teacherEntry(teacher),
    studentEntry('student', weights, '', studentOfTask(weights, task)),
    unroundedEntry(weights, (histories) => student.scores(histories, task)),
    studentEntry('single-task', controls.single.weights, ', this task alone'),
    bestOfTaskEntry(controls.best, known),
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
