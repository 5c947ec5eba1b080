import type { TaskSpec } from '../../base/task-spec.ts';
import { splitsInstead } from '../../tasks/split-spec.ts';
import { variantOf, withKind } from '../../teachers/single.ts';
import { findKind, TEACHER_KINDS, traitsOf } from '../../teachers/teacher-spec.ts';
import type { DistillationSpec } from '../distillation-spec.ts';
import { labelsProblem } from './check-labels.ts';
import { ratingProblem } from './check-rating.ts';

/** The first contradiction between a job's task and its parts, named by its field, or null. */
export function taskProblem(spec: DistillationSpec): string | null {
  const { task, dataset } = spec;
  const own = teacherProblem(spec) ?? ratingProblem(spec) ?? labelsProblem(spec);
  if (own !== null || task !== 'sequential') return own;
  const instead = splitsInstead(dataset?.split, 'sequential');
  if (instead === null) return null;
  return `dataset.split.strategy ${dataset!.split!.strategy} takes test items out of the middle of the histories, whose order is what the task sequential learns; use one of ${instead}`;
}

/** Reasons why a teacher of this task suits no other task, by what it lacks. */
const LACKS: Partial<Record<TaskSpec, string>> = {
  rating: 'ranks items and predicts no ratings',
  'multi-label': 'gives no probabilities of labels',
};
/** Reasons why a teacher of this task suits no other task, by what it does. */
const DOES: Record<Exclude<TaskSpec, 'single-label'>, string> = {
  sequential: 'learns from the order of the histories',
  rating: 'predicts ratings',
  'multi-label': 'has a probability for each label',
};

/** A teacher that learns something else than the job. Of one whose kind is not known, the teacher's own rules speak. */
function teacherProblem({ teacher, task = 'single-label' }: DistillationSpec): string | null {
  const given = teacher && withKind(teacher);
  const kind = findKind(given?.kind);
  // A version of a model teaches its own task; whether it is of this one is known when it is read.
  if (!given || !kind || kind.origin === 'stored') return null;
  const { task: learns, scores } = traitsOf(given, task);
  if (learns === task) return null;
  const { by, name } = variantOf(kind, { ...given }, task) ?? { by: 'kind', name: kind.kind };
  const field = `teacher.${by} ${name}`;
  if (LACKS[task]) return `${field} ${LACKS[task]}; the task ${task} takes ${teachersOf(task)}`;
  if (learns !== 'single-label')
    return `${field} ${DOES[learns]}; add "task": "${learns}", or use ${teachersOf(task)}`;
  if (scores !== 'lists') return null;
  return `${field} has one list for each user, where the task ${task} asks about every place of a history; leave out the task, or use ${teachersOf(task)}`;
}

/** The teachers of a task, as a job names them. */
function teachersOf(task: TaskSpec): string {
  if (task === 'single-label') return 'another teacher such as auto';
  return TEACHER_KINDS.flatMap(({ kind, task: own, variants }) => {
    const options = Object.entries(variants?.of ?? {}).filter(([, variant]) => variant.task === task);
    if (options.length > 0) {
      return options.map(([name]) => JSON.stringify({ kind, [variants!.by]: name }));
    }
    return own === task ? [JSON.stringify({ kind })] : [];
  }).join(' or ');
}
