import { variantOf, withKind } from '../../teachers/single.ts';
import { findKind } from '../../teachers/teacher-spec.ts';
import type { DistillationSpec } from '../distillation-spec.ts';
import { ensembleJobProblem, ensembleProblem } from './check-ensemble.ts';
import { taskProblem } from './check-task.ts';

/** The first contradiction in a job's teacher, named by its field, or null. */
export function teacherProblem(spec: DistillationSpec): string | null {
  const { teacher, model, task } = spec;
  if (!teacher) return null;
  return (
    optionsProblem(spec) ??
    ensembleProblem(teacher, (member) => {
      const own = { model, ...(task && { task }), teacher: member };
      return taskProblem(own) ?? teacherProblem(own);
    }) ??
    ensembleJobProblem(spec)
  );
}

function optionsProblem({ teacher, task }: DistillationSpec): string | null {
  const options = withKind(teacher!);
  const kind = findKind(options.kind)!;
  const chosen = variantOf(kind, { ...options }, task);
  if (chosen) {
    const { by, name, variant } = chosen;
    const variants = Object.entries(kind.variants!.of);
    const odd = Object.keys(options).find(
      (option) => variants.some(([, { has }]) => has.includes(option)) && !variant.has.includes(option),
    );
    if (odd !== undefined) {
      const owners = variants.filter(([, { has }]) => has.includes(odd)).map(([owner]) => owner);
      return `teacher.${odd} belongs to ${by} ${owners.join(', ')} of ${kind.kind}; leave it out for ${by} ${name}`;
    }
  }
  return kind.problem?.(options) ?? null;
}
