import type { Static, TObject } from 'typebox';
import { oneOfKinds } from '../base/one-of-kinds.ts';
import { type StudentTraits, studentSchema } from './kind.ts';
import * as kinds from './kinds.ts';

type Entries = typeof kinds;
export type StudentKind = Entries[keyof Entries]['kind'];
type OptionsOf<N extends keyof Entries> = Partial<Static<TObject<Entries[N]['options']>>>;

/** To those who read it a student has the options of every kind; the schema refuses those of another. */
export type StudentSpec = { kind: StudentKind } & OptionsOf<'foldIn'> & OptionsOf<'sequential'>;

const STUDENTS: readonly StudentTraits[] = Object.values(kinds);

export const StudentSpec = oneOfKinds<StudentSpec>(
  'kind',
  STUDENTS.map(studentSchema),
  'The small model that is published. What is left out fits the data.',
);

export function studentOf(kind: StudentKind): StudentTraits {
  return STUDENTS.find((entry) => entry.kind === kind)!;
}
