import type { DataSize } from '../../../dataset/data-size.ts';
import type { DistillSettings } from '../../../distillation/distill.ts';
import type { Installed } from '../../../domain/data/weighting.ts';
import type { CompleteDistillation } from '../../../domain/jobs/complete-distillation.ts';
import { completeLoss } from '../../../domain/losses/complete-losses.ts';
import { completeSplit } from '../../../domain/tasks/split-spec.ts';
import type { NamedTask, TaskBalance, TasksSpec, TaskTargets } from '../../../domain/tasks/tasks-spec.ts';
import { completeTeacher } from '../../../domain/teachers/teacher-spec.ts';
import { namedTypes, type PlannedMeanings, planMeanings } from '../../run/plan-job.ts';
import type { FoundTeacher } from '../../teachers/find-teacher.ts';
import { planAnyTeacher } from '../../teachers/plan-any-teacher.ts';
import { planEvaluation, type TrainingSettings } from '../ranking/plan.ts';
import { planDistillation } from '../ranking/plan-distillation.ts';
import { defaultLosses } from '../ranking/plan-losses.ts';
import { planStudent } from '../ranking/plan-student.ts';

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
  distillation: DistillSettings & {
    transfer: 'svd' | 'none';
    learningRate: number;
    weightDecay: number;
    balance: TaskBalance;
    targets: TaskTargets;
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
/** Weight of the data beside the teachers' answers: each teacher knows its own behaviour only. */
const DATA_WEIGHT = 0.5;

/**
 * @param sizes users with pairs of each task, and all items
 * @param size users with pairs of any behaviour, and all items
 * @param found teachers that no job trains, by task
 */
export function planTasks(
  spec: CompleteDistillation,
  tasks: TasksSpec,
  sizes: readonly DataSize[],
  size: DataSize,
  found: readonly FoundTeacher[] = [],
): TasksSettings {
  const { distillation } = spec;
  const losses = distillation.losses ?? [
    ...defaultLosses(size.items).filter(({ kind }) => kind !== 'hardLabels'),
    completeLoss({ kind: 'hardLabels', weight: DATA_WEIGHT }),
  ];
  const student = planStudent(spec, size.items);
  const planned = planDistillation(
    { ...spec, distillation: { ...distillation, losses, dropout: distillation.dropout ?? HIDDEN } },
    size,
    student,
  );
  return {
    tasks: tasks.map((task, i) => {
      const reads = found[i]?.stored?.reads ?? task.reads ?? (found[i]?.ready ? 'own' : 'all');
      const teacherOf = (users: DataSize) => planAnyTeacher(specOfTask(spec, task), users, found[i]);
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
      transfer: planned.transfer === 'none' ? 'none' : 'svd',
      balance: distillation.taskBalance ?? 'fixed',
      targets: distillation.taskTargets ?? 'any',
    },
    ...planEvaluation(spec),
  };
}
