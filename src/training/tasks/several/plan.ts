import { type DataSize, epochsWithin, stepsOf } from '../../../dataset/data-size.ts';
import { taughtUsers } from '../../../dataset/taught-users.ts';
import type { TasksDistillSettings } from '../../../distillation/distill-tasks.ts';
import { TEMPERATURES } from '../../../distillation/losses/catalogue-part.ts';
import { valueAt } from '../../../domain/base/scheduled.ts';
import type { Installed } from '../../../domain/data/weighting.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import { completeLoss } from '../../../domain/losses/complete-losses.ts';
import type { CompleteLoss, LossSettings } from '../../../domain/losses/loss-spec.ts';
import { completeSplit } from '../../../domain/tasks/split-spec.ts';
import type { NamedTask, TasksSpec } from '../../../domain/tasks/tasks-spec.ts';
import { completeTeacher } from '../../../domain/teachers/teacher-spec.ts';
import { namedTypes, type PlannedMeanings, planMeanings } from '../../run/plan-job.ts';
import type { FoundTeacher } from '../../teachers/find-teacher.ts';
import { planAnyTeacher } from '../../teachers/plan-any-teacher.ts';
import { defaultBudget } from '../../teachers/plan-auto.ts';
import { planEvaluation, type TrainingSettings } from '../ranking/plan.ts';
import { planDistillation } from '../ranking/plan-distillation.ts';
import { defaultLosses, planLosses } from '../ranking/plan-losses.ts';
import { planStudent } from '../ranking/plan-student.ts';

type RankLabels = Extract<LossSettings, { kind: 'rankLabels' }>;

/** A job with tasks, nothing left open. */
export interface TasksSettings
  extends Pick<TrainingSettings, 'student' | 'ks' | 'recallDenominator' | 'patience' | 'maxHistory'> {
  tasks: {
    name: string;
    types: readonly string[];
    weight: number;
    teacher: TrainingSettings['teacher'];
    /** Settings of a teacher that reads all behaviours: of more users, so that another kind may fit. */
    teacherOfAll?: TrainingSettings['teacher'];
    /** Behaviours that the teacher reads, see readingsOf. */
    reads: 'own' | 'all';
  }[];
  distillation: TasksDistillSettings & {
    /** With `ials` it is a control, which learns from the data alone. */
    transfer: 'svd' | 'none' | 'ials';
    learningRate: number;
    weightDecay: number;
    /** Users about whom the teachers are asked, and whose histories the student is taught. */
    taught: number;
  };
}

/**
 * Every behaviour of a task counts as it is declared, or 1 where nobody says what it means, unless the job says otherwise; no other
 * does.
 */
export function planTaskMeanings(
  spec: CompleteDistillation,
  tasks: TasksSpec,
  found: Iterable<string>,
  installed: Installed,
): PlannedMeanings {
  const ofTasks = tasks.flatMap(({ types }) =>
    types.map((type) => [type, installed(type)?.meaning === 'positive' ? null : { weight: 1 }]),
  );
  return planMeanings(spec, found, installed, { ...Object.fromEntries(ofTasks), ...namedTypes(spec) });
}

/** Returns the job that this task would have if it were the only one. */
export function specOfTask(spec: CompleteDistillation, task: NamedTask): CompleteDistillation {
  const { tasks: _, ...rest } = spec;
  return {
    ...rest,
    ...(task.teacher && { teacher: completeTeacher(task.teacher) }),
    ...(task.split && { dataset: { ...spec.dataset, split: completeSplit(task.split) } }),
  };
}

/** Share of each task's pairs that is hidden from the history: what other behaviours say of an item must be learned. */
const HIDDEN = 0.5;
/** Seconds that `auto` has for each of the teachers at least, however many there are. */
const LEAST_BUDGET = 12;
/** Beyond so many items a softmax over all of them for each task takes most of a job: it is over a part then, with so many drawn ones. */
const MANY_ITEMS = 8_000;
const DRAWN_ITEMS = 1_024;
const SMALL_BATCH = 128;
/** Updates that are enough, and those that are affordable: each is one for every task, and the controls take as many again. */
const STEPS = { target: 480, most: 640 };
/** Scores of teachers that are asked for at most, over all tasks, and the users who are taught at least. */
const TAUGHT = { scores: 1.2e9, least: 5_000 };
/** Weight of the data beside the teachers' answers: each teacher knows its own behaviour only. */
const DATA_WEIGHT = 0.5;

/**
 * @param sizes users with pairs of each task, and all items
 * @param size users with pairs of any behaviour, and all items
 * @param found teachers that no job trains, by task
 * @param isHeld true where the data took the first task's test pairs out of all behaviours, see heldEverywhere
 */
export function planTasks(
  spec: CompleteDistillation,
  tasks: TasksSpec,
  sizes: readonly DataSize[],
  size: DataSize,
  found: readonly FoundTeacher[] = [],
  isHeld = false,
): TasksSettings {
  const { distillation } = spec;
  const takesPart = distillation.losses === undefined && size.items > MANY_ITEMS;
  const losses = distillation.losses ?? [
    ...(takesPart ? [rankLabelsOfPart(size.items)] : defaultLosses(size.items)).filter(
      ({ kind }) => kind !== 'hardLabels',
    ),
    completeLoss({ kind: 'hardLabels', weight: DATA_WEIGHT }),
  ];
  const student = planStudent(spec, size.items);
  const taught = taughtOfTasks(size, tasks.length);
  const planned = planDistillation(
    {
      ...spec,
      distillation: {
        ...distillation,
        ...(takesPart && shortened(distillation, taught)),
        ...{ losses, dropout: distillation.dropout ?? HIDDEN },
      },
    },
    size,
    student,
  );
  const teachers = tasks.map((task, i) => ({
    task,
    reads: found[i]?.stored?.reads ?? task.reads ?? (found[i]?.ready ? 'own' : 'all'),
  }));
  const readers = teachers.reduce((sum, { reads }) => sum + (reads === 'own' ? 1 : 2), 0);
  return {
    tasks: teachers.map(({ task, reads }, i) => {
      const ofTask = withBudget(specOfTask(spec, task), size, readers);
      const teacherOf = (users: DataSize) => planAnyTeacher(ofTask, users, found[i]);
      return {
        name: task.name,
        types: task.types,
        weight: task.weight ?? 1,
        teacher: teacherOf(sizes[i]!),
        ...(reads === 'all' && { teacherOfAll: teacherOf(size) }),
        reads,
      };
    }),
    student,
    distillation: {
      ...planned,
      transfer: planned.transfer === 'none' || planned.transfer === 'ials' ? planned.transfer : 'svd',
      balance: distillation.taskBalance ?? 'fixed',
      targets: distillation.taskTargets ?? (isHeld ? 'unseen' : 'any'),
      taught,
      ...(takesPart && { among: DRAWN_ITEMS }),
    },
    ...planEvaluation(spec),
  };
}

/**
 * Plans the control that may be published in the student's place: iALS of the pairs of all behaviours, at the student's bytes, whose
 * users are solved. Undefined where an option of the job contradicts it.
 */
export function planControlOfTasks(
  spec: CompleteDistillation,
  ...data: Rest<typeof planTasks>
): TasksSettings | undefined {
  const { student, distillation } = spec;
  const shape = [student.user, student.hidden, student.activation, student.normalization];
  const { epochs, transfer, freeze, losses, dropout } = distillation;
  if ([...shape, epochs, transfer, freeze, losses, dropout].some((option) => option !== undefined))
    return undefined;
  const control = { transfer: 'ials', epochs: 0, thinned: 0 } as const;
  return planTasks(
    { ...spec, student: { ...student, user: 'solved' }, distillation: { ...distillation, ...control } },
    ...data,
  );
}

type Rest<F extends (...all: never[]) => unknown> = Parameters<F> extends [unknown, ...infer R] ? R : never;

/** The job of one task, whose `auto` has its share of the time that one teacher of all would have. @param readers teachers in all */
function withBudget(spec: CompleteDistillation, size: DataSize, readers: number): CompleteDistillation {
  const { teacher } = spec;
  if (teacher.kind !== 'auto' || teacher.budgetSeconds !== undefined) return spec;
  const budgetSeconds = Math.max(LEAST_BUDGET, Math.ceil(defaultBudget(size) / readers));
  return { ...spec, teacher: { ...teacher, budgetSeconds } };
}

/** The teacher's order over a part of the catalogue, which holds no ranks beyond those that count. */
function rankLabelsOfPart(items: number): CompleteLoss {
  const loss = completeLoss({ kind: 'rankLabels', samples: 0 });
  const [{ temperature }] = planLosses([loss], items) as [RankLabels];
  return { ...loss, top: Math.min(items, Math.ceil(TEMPERATURES * valueAt(temperature, 0))) } as CompleteLoss;
}

function shortened(
  { batchSize = SMALL_BATCH, epochs }: CompleteDistillation['distillation'],
  taught: number,
) {
  return { batchSize, epochs: epochs ?? epochsWithin(stepsOf(taught, batchSize), STEPS) };
}

function taughtOfTasks(size: DataSize, tasks: number): number {
  const affordable = Math.floor(TAUGHT.scores / (tasks * size.items));
  return Math.min(taughtUsers(size), Math.max(TAUGHT.least, affordable));
}
