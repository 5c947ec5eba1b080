import { DEFAULT_ALIAS, type DistillationSpec } from './distillation-spec.ts';
import { distillationProblem } from './rules/check-distillation.ts';

/**
 * One spec per student of the list, all with the same teacher. The first takes the alias, the others the alias with
 * their place, so that they can be compared before one of them is promoted.
 */
export function expandStudents({ students, ...spec }: DistillationSpec): DistillationSpec[] {
  if (!students) return [spec];
  const alias = spec.publish?.alias ?? DEFAULT_ALIAS;
  return students.map((student, i) => ({
    ...spec,
    student,
    publish: { ...spec.publish, alias: i === 0 ? alias : `${alias}-${i + 1}` },
  }));
}

/** Leaves room for the place. */
const LONGEST_ALIAS = 60;

/** The first contradiction in the list or in one of its jobs, or null. */
export function studentsProblem(spec: DistillationSpec): string | null {
  if (spec.students && spec.student) return 'student and students exclude each other; send one of them';
  if (spec.students && (spec.publish?.alias ?? '').length > LONGEST_ALIAS) {
    return `publish.alias may have at most ${LONGEST_ALIAS} characters with students, whose places are put behind it`;
  }
  for (const [i, one] of expandStudents(spec).entries()) {
    const wrong = distillationProblem(one);
    if (wrong) return spec.students ? wrong.replace(/^student\b/, `students[${i}]`) : wrong;
  }
  return null;
}
