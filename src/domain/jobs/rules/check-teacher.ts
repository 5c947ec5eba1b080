import {
  type CompleteTeacher,
  completeTeacher,
  TEACHER_OPTIONS,
  type TeacherSpec,
} from '../../teachers/teacher-spec.ts';
import type { DistillationSpec } from '../distillation-spec.ts';
import { ensembleJobProblem, ensembleProblem } from './check-ensemble.ts';
import { RATING_OBJECTIVES } from './check-rating.ts';
import { sequenceProblem, taskProblem } from './check-task.ts';

/** Options that only one variant of a kind has, with the option and value that select it. */
const VARIANTS = [
  { option: 'klWeight', by: 'variant', only: 'vae', fallback: 'vae' },
  { option: 'unobservedWeight', by: 'objective', only: 'ials', fallback: 'ials' },
  { option: 'negatives', by: 'objective', only: 'bpr', fallback: 'ials' },
  { option: 'batchSize', by: 'objective', only: 'bpr', fallback: 'ials' },
  { option: 'learningRate', by: 'objective', only: 'bpr', fallback: 'ials' },
  { option: 'dropout', by: 'objective', only: 'bpr', fallback: 'ials' },
] as const;

/** The first option that the teacher's kind does not have, or null. */
export function teacherProblem(spec: DistillationSpec): string | null {
  const { teacher, model, task } = spec;
  if (!teacher) return null;
  const complete = completeTeacher(teacher);
  return (
    kindProblem(teacher) ??
    optionProblem(complete) ??
    nameProblem(complete) ??
    storedProblem(complete) ??
    variantProblem(complete) ??
    hiddenProblem(complete) ??
    sequenceProblem(complete) ??
    ensembleProblem(teacher, (member) => {
      const own = { model, ...(task && { task }), teacher: member };
      return taskProblem(own) ?? teacherProblem(own);
    }) ??
    ensembleJobProblem(spec)
  );
}

function kindProblem({ kind, model }: TeacherSpec): string | null {
  if (kind !== undefined || model !== undefined) return null;
  return `teacher.kind is missing; name one of ${Object.keys(TEACHER_OPTIONS).join(', ')}, or teacher.model for a teacher that is stored`;
}

function storedProblem({ kind, model, version, alias }: CompleteTeacher): string | null {
  if (kind !== 'stored') return null;
  if (model === undefined) return 'teacher.model is missing; kind stored needs the name of a model';
  if (version === undefined || alias === undefined) return null;
  return 'teacher.version and teacher.alias exclude each other; send one of them';
}

function optionProblem(teacher: CompleteTeacher): string | null {
  const known: readonly string[] = TEACHER_OPTIONS[teacher.kind];
  const odd = Object.entries(teacher).find(
    ([name, value]) => value !== undefined && name !== 'kind' && !known.includes(name),
  )?.[0];
  if (!odd) return null;
  const owners = Object.entries(TEACHER_OPTIONS).filter(([, options]) =>
    (options as readonly string[]).includes(odd),
  );
  const has = known.length > 0 ? `${teacher.kind} has ${known.join(', ')}` : `${teacher.kind} has no options`;
  return `teacher.${odd} belongs to ${owners.map(([kind]) => kind).join(', ')}; leave it out for ${teacher.kind} (${has})`;
}

function nameProblem({ kind, name }: CompleteTeacher): string | null {
  if (kind !== 'external' || name !== undefined) return null;
  return 'teacher.name is missing; an external teacher is named as it was imported, as in {"kind":"external","name":"night-model"}';
}

function variantProblem(teacher: CompleteTeacher): string | null {
  for (const { option, by, only, fallback } of VARIANTS) {
    if (!(TEACHER_OPTIONS[teacher.kind] as readonly string[]).includes(by)) continue;
    const chosen = teacher[by] ?? fallback;
    // Those of ratings are looked at with their task.
    if (RATING_OBJECTIVES.includes(chosen)) continue;
    if (teacher[option] === undefined || chosen === only) continue;
    return `teacher.${option} belongs to ${by} ${only} of ${teacher.kind}; leave it out for ${by} ${chosen}`;
  }
  return null;
}

function hiddenProblem({ kind, hidden }: CompleteTeacher): string | null {
  if (kind !== 'softmax' || hidden?.length !== 0) return null;
  return 'teacher.hidden must name the width of at least one layer for softmax, such as [600]';
}
