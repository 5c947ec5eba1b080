import { studentOfTask } from '../../../artifact/student/student-weights.ts';
import type { Rng } from '../../../core/rng.ts';
import { withDisliked } from '../../../dataset/disliked-histories.ts';
import { type Csr, columnSums } from '../../../dataset/matrix.ts';
import { maskedFor } from '../../../dataset/split/masked.ts';
import { keepNewest } from '../../../dataset/split/newest.ts';
import { mostTestUsers, sampleTest } from '../../../dataset/split/sample-test.ts';
import { knownFor, studentHistories } from '../../../dataset/split/split.ts';
import type { Pairs } from '../../../dataset/split/split-parts.ts';
import { type SplitTask, taskHistories, unionNewest } from '../../../dataset/task-histories.ts';
import type { ModelReport } from '../../../domain/reports/model-report.ts';
import type { Report } from '../../../domain/reports/report.ts';
import type { TaskReport } from '../../../domain/reports/task-report.ts';
import type { Teacher } from '../../../teacher/contract.ts';
import type { EnsembleFacts } from '../../teachers/teacher-setup.ts';
import { ensembleReport } from '../ranking/ensemble-report.ts';
import {
  type Entry,
  memberEntry,
  popularityEntry,
  studentEntry,
  teacherEntry,
  unroundedEntry,
} from '../ranking/entries.ts';
import type { LiveContestant } from '../ranking/live.ts';
import { type MeasureSettings, measureRankers } from '../ranking/measure.ts';
import { bestOfTaskEntry, type TaskControls } from './controls.ts';
import type { TaskStudent } from './train.ts';

type SeedControls = Pick<TaskControls, 'best'> & { single: Pick<TaskStudent, 'weights'> };

export interface TaskContestants {
  teacher: Teacher;
  ensemble: EnsembleFacts | undefined;
  /** With all tasks. */
  student: TaskStudent;
  controls: SeedControls;
  /** Those of further seeds. */
  repeats: readonly { student: TaskStudent; controls: SeedControls }[];
  /** The version that is live. */
  live?: LiveContestant | undefined;
}

export interface TaskData {
  /** [users] their ids: very many test users are sampled by them. */
  users: readonly string[];
  /** Ids of all items. */
  items: readonly string[];
  tasks: readonly SplitTask[];
  context: Pairs | null;
}

/**
 * One task's table, on its own test pairs. The students read the history of all behaviours up to the first test pair, and so
 * does a teacher that reads them (others that of their own); left out of the ranking is what the user is known to have done of this task.
 */
export async function assessTask(
  { teacher, ensemble, student, controls, repeats, live }: TaskContestants,
  { users, items, tasks: everything, context }: TaskData,
  task: number,
  settings: MeasureSettings & {
    describedSplit: string;
    weight: number;
    types: readonly string[];
    /** Newest items of a history that are read. */
    maxHistory: number;
  },
  rng: Rng,
  onFraction: (fraction: number) => Promise<void> | void,
): Promise<TaskReport> {
  const whole = everything[task]!.split;
  const most = mostTestUsers(whole.test.columns, everything.length);
  const { split, sampled } = sampleTest(whole, users, most);
  const tasks = everything.map((own, i) => (i === task ? { ...own, split } : own));
  const { name, unlisted = {} } = tasks[task]!;
  const all = [...tasks.map(({ pairs }) => pairs), ...(context ? [context] : [])];
  const shown = (part: 'validation' | 'test', newest = settings.maxHistory) =>
    withDisliked(
      keepNewest(
        taskHistories(tasks, context, { name, part }),
        unionNewest(all, split.until?.[part]),
        newest,
      ),
      unlisted.disliked,
      split.until?.[part],
    );
  const masked = maskedFor(split, unlisted, 'test');
  const known = knownFor(split, 'test');
  // The pairs of the task that the student learned from.
  const popularity = columnSums(studentHistories(split));
  const { models, comparison, histories, seeds, ...measured } = await measureRankers(
    [
      teacherEntry(teacher),
      ...seededEntries({ student, controls }, task, known),
      popularityEntry(popularity, "items by weight in the task's pairs before the test"),
      ...repeats.flatMap((repeat) => seededEntries(repeat, task, known)),
    ],
    (teacher.members ?? []).map((member, i) => memberEntry(member.teacher, i)),
    {
      test: { histories: shown('test'), ...masked, popularity },
      validation: { histories: shown('validation'), ...maskedFor(split, unlisted, 'validation') },
      newest: unionNewest(all, split.until?.test),
      split,
      kinds: split.kinds,
      live: live && { ...live, histories: shown('test', live.maxHistory) },
    },
    settings,
    rng,
    onFraction,
  );
  const members = measured.members;
  return {
    task: name,
    types: [...settings.types],
    weight: settings.weight,
    data: {
      train: split.train.indices.length,
      validation: split.validation.indices.length,
      test: everything[task]!.split.test.indices.length,
      testUsers: measured.users.length,
      ...(sampled && { testUsersInAll: sampled.of }),
      split: settings.describedSplit,
    },
    models,
    histories,
    ...(seeds && { seeds }),
    ...(members.length > 0 && {
      ensemble: ensembleReport({ teacher, ...(ensemble && { ensemble }) }, {}, members),
    }),
    comparison,
    examples: measured.examples(items),
  };
}

/** Entries of the models that are trained with every seed. */
function seededEntries(
  { student, controls }: Pick<TaskContestants, 'student' | 'controls'>,
  task: number,
  known: Csr,
): Entry[] {
  const { weights } = student;
  return [
    studentEntry('student', weights, '', studentOfTask(weights, task)),
    unroundedEntry(weights, (histories) => student.scores(histories, task)),
    studentEntry('single-task', controls.single.weights, ', this task alone'),
    bestOfTaskEntry(controls.best, known),
  ];
}

/** One student against one per task. */
export function oneForAll(tables: readonly TaskReport[]): NonNullable<Report['oneForAll']> {
  const of = (name: ModelReport['name']) =>
    tables.map(({ models }) => models.find((model) => model.name === name)!);
  const sum = (models: ModelReport[], field: 'bytes' | 'p50Microseconds') =>
    models.reduce((total, model) => total + model[field]!, 0);
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
