import type { DistillationSpec } from './distillation-spec.ts';
import { distillationProblem } from './rules/check-distillation.ts';

/**
 * One spec per student of the list, all with the same teacher. Each takes the alias with its place, and of those that pass the gate
 * one takes the alias itself (`releases/choose-student.ts`).
 */
export function expandStudents({ students, ...spec }: DistillationSpec): DistillationSpec[] {
  if (!students) return [spec];
  if (students.length === 1) return [{ ...spec, student: students[0]! }];
  return students.map((student, i) => ({ ...spec, student, publish: { ...spec.publish, place: i + 1 } }));
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
