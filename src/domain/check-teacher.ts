import { sequenceProblem } from './check-task.ts';
import type { DistillationSpec } from './distillation-spec.ts';
import { TEACHER_OPTIONS, type TeacherSpec } from './teacher-spec.ts';

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
export function teacherProblem({ teacher }: DistillationSpec): string | null {
  if (!teacher) return null;
  return (
    optionProblem(teacher) ??
    nameProblem(teacher) ??
    variantProblem(teacher) ??
    hiddenProblem(teacher) ??
    sequenceProblem(teacher)
  );
}

function optionProblem(teacher: TeacherSpec): string | null {
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

function nameProblem({ kind, name }: TeacherSpec): string | null {
  if (kind !== 'external' || name !== undefined) return null;
  return 'teacher.name is missing; an external teacher is named as it was imported, as in {"kind":"external","name":"night-model"}';
}

function variantProblem(teacher: TeacherSpec): string | null {
  for (const { option, by, only, fallback } of VARIANTS) {
    if (!(TEACHER_OPTIONS[teacher.kind] as readonly string[]).includes(by)) continue;
    const chosen = teacher[by] ?? fallback;
    if (teacher[option] === undefined || chosen === only) continue;
    return `teacher.${option} belongs to ${by} ${only} of ${teacher.kind}; leave it out for ${by} ${chosen}`;
  }
  return null;
}

function hiddenProblem({ kind, hidden }: TeacherSpec): string | null {
  if (kind !== 'softmax' || hidden?.length !== 0) return null;
  return 'teacher.hidden must name the width of at least one layer for softmax, such as [600]';
}
