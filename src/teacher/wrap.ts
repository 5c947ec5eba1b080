import type { Teacher, TeacherTrial } from './contract.ts';

/** A wrapped teacher has this member as the teacher inside has it. */
export const KEPT = Symbol('kept');

/**
 * The members of a teacher that is made of others, with a decision about each, also about those that are left out (`undefined`):
 * a member that is new in `Teacher` does not compile until somebody has decided.
 */
export type Decided<T extends Teacher = Teacher> = { [M in keyof Required<T>]: T[M] };

/** Decisions about the members of a teacher around one other, from which members can be kept. */
export type Wrapping = { [M in keyof Decided]: Decided[M] | typeof KEPT };

/** Members without a value are left out, so that `in` and spreading tell the truth. */
export function decided(members: Decided): Teacher {
  return Object.fromEntries(
    Object.entries(members).filter(([, value]) => value !== undefined),
  ) as unknown as Teacher;
}

export function wrapTeacher(inner: Teacher, members: Wrapping): Teacher {
  const whole = Object.entries(members).map(([name, value]) => [
    name,
    value === KEPT ? inner[name as keyof Teacher] : value,
  ]);
  return decided(Object.fromEntries(whole) as Decided);
}

/** Returns the teacher with the candidates among which it was chosen, where there were any. */
export function withTried(teacher: Teacher, tried: TeacherTrial[] | undefined): Teacher {
  return tried ? { ...teacher, tried, state: () => ({ ...teacher.state(), tried }) } : teacher;
}
