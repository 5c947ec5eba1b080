import type { TeacherSpec } from '../../teachers/teacher-spec.ts';
import type { DistillationSpec } from '../distillation-spec.ts';
import { labelsProblem } from './check-labels.ts';
import { ratingProblem } from './check-rating.ts';

/** They read the order of the histories. */
export const SEQUENTIAL_TEACHERS: readonly string[] = ['sasrec', 'gru'];

/** The first contradiction between a job's task and its parts, named by its field, or null. */
export function taskProblem(spec: DistillationSpec): string | null {
  const { task, teacher, dataset } = spec;
  const own = ratingProblem(spec) ?? labelsProblem(spec);
  if (own !== null) return own;
  if (task === 'sequential') {
    if (teacher?.kind === 'external') {
      return 'teacher.kind external has one list for each user, where the task sequential asks about every place of a history; leave out the task, or use sasrec or gru';
    }
    if (dataset?.split?.strategy !== 'random') return null;
    return 'dataset.split.strategy random takes test items out of the middle of the histories, whose order is what the task sequential learns; use leave-last-out, last-fraction or global-time';
  }
  if (!teacher || !SEQUENTIAL_TEACHERS.includes(teacher.kind ?? '')) return null;
  return `teacher.kind ${teacher.kind} learns from the order of the histories; add "task": "sequential", or use another teacher such as auto`;
}

/** What only sequential teachers can get wrong. */
export function sequenceProblem({ kind, heads = 2, dimensions = 96, hidden }: TeacherSpec): string | null {
  if (kind === 'sasrec' && dimensions % heads !== 0) {
    return `teacher.dimensions ${dimensions} must be a multiple of teacher.heads ${heads}, since each head has an equal share of them`;
  }
  if (kind === 'gru' && hidden !== undefined && hidden.length !== 1) {
    return `teacher.hidden must name one width for gru, that of its state, such as [128]; got [${hidden}]`;
  }
  return null;
}
