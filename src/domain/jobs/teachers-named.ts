import { type StoredSpec, storedSpec, type TeacherSpec } from '../teachers/teacher-spec.ts';
import type { DistillationSpec } from './distillation-spec.ts';

/** Lists the versions of models that a job learns from: its own teacher, those of its tasks, and the members of each. */
export function teachersNamed({
  teacher,
  tasks = [],
}: Pick<DistillationSpec, 'teacher' | 'tasks'>): StoredSpec[] {
  return [teacher, ...tasks.map((task) => task.teacher)].flatMap((one) => (one ? named(one) : []));
}

function named(teacher: TeacherSpec): StoredSpec[] {
  if (teacher.kind === 'ensemble') return teacher.members.flatMap((member) => named(member as TeacherSpec));
  const stored = storedSpec(teacher);
  return stored ? [stored] : [];
}
