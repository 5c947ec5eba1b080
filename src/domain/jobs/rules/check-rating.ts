import { lossOf } from '../../losses/loss-spec.ts';
import type { StudentSpec } from '../../students/student-spec.ts';
import { splitsInstead } from '../../tasks/split-spec.ts';
import { storedSpec } from '../../teachers/teacher-spec.ts';
import type { DistillationSpec } from '../distillation-spec.ts';

const STUDENT_OPTIONS: readonly string[] = [
  'kind',
  'dimensions',
  'quantization',
  'quantizationAware',
  'maxHistory',
];

/** The first part of a job that the task rating cannot use, or that only it can, named by its field, or null. */
export function ratingProblem(spec: DistillationSpec): string | null {
  if (spec.task !== 'rating') return strayProblem(spec);
  if (spec.tasks) {
    return 'tasks are several kinds of behaviour of one student that ranks; leave it out for "task": "rating"';
  }
  return (
    partProblem(spec) ??
    studentProblem(spec.student) ??
    lossProblem(spec.distillation) ??
    datasetProblem(spec.dataset)
  );
}

function strayProblem({ dataset }: DistillationSpec): string | null {
  if (dataset?.ratingScale === undefined) return null;
  return 'dataset.ratingScale belongs to the task rating; add "task": "rating", or leave it out';
}

function partProblem({ teacher }: DistillationSpec): string | null {
  if (storedSpec(teacher)?.part !== 'student') return null;
  return 'teacher.part student does not apply to the task rating, where only the teacher of a version teaches; leave it out';
}

function studentProblem(student: StudentSpec | undefined): string | null {
  const odd = Object.keys(student ?? {}).find((name) => !STUDENT_OPTIONS.includes(name));
  if (odd !== undefined) {
    return `student.${odd} does not apply to the task rating; its student has dimensions, maxHistory and quantizationAware`;
  }
  if ((student?.quantization ?? 'int8') === 'int8') return null;
  return `student.quantization ${student?.quantization} does not apply to the task rating, whose student is int8; leave it out`;
}

function lossProblem(distillation: DistillationSpec['distillation']): string | null {
  const { losses = [], transfer = 'none' } = distillation ?? {};
  for (const [i, loss] of losses.entries()) {
    const field = `distillation.losses[${i}]`;
    if (!lossOf(loss.kind).tasks.includes('rating')) {
      return `${field}.kind ${loss.kind} compares orders; the task rating has softLabels (the teacher's predictions) and hardLabels (the ratings)`;
    }
    const odd = Object.keys(loss).find((name) => name !== 'kind' && name !== 'weight');
    if (odd !== undefined) return `${field}.${odd} does not apply to ratings; only weight does`;
    if (loss.weight !== undefined && typeof loss.weight !== 'number') {
      return `${field}.weight must be a number for the task rating; it has no schedule`;
    }
  }
  if (transfer === 'none') return null;
  return `distillation.transfer ${transfer} does not apply to the task rating, whose student starts from random numbers; leave it out`;
}

function datasetProblem(dataset: DistillationSpec['dataset']): string | null {
  const { halfLifeDays, ratingScale, split, types = {} } = dataset ?? {};
  if (halfLifeDays !== undefined) {
    return 'dataset.halfLifeDays does not apply to ratings, which do not weigh less with age; use dataset.since';
  }
  for (const [type, rule] of Object.entries(types)) {
    const odd = Object.keys(rule)[0];
    if (odd !== undefined) return `dataset.types.${type}.${odd} does not apply to ratings; {} will do`;
  }
  if (ratingScale && !(ratingScale.low < ratingScale.high)) {
    return `dataset.ratingScale.low must be below high; got ${ratingScale.low} and ${ratingScale.high}`;
  }
  const instead = splitsInstead(split, 'rating');
  if (instead === null) return null;
  return `dataset.split.strategy ${split!.strategy} holds out a type of interactions, and ratings are of one; use one of ${instead}`;
}
