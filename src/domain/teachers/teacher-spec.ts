import type { Static, TObject } from 'typebox';
import { oneOfKinds } from '../base/one-of-kinds.ts';
import type { TaskSpec } from '../base/task-spec.ts';
import type { Origin, TeacherKind, TeacherTraits } from './kind.ts';
import { auto } from './several/auto.ts';
import { ensemble, type MemberSpec } from './several/ensemble.ts';
import {
  IMPLIED,
  type Named,
  type OptionsOf,
  SINGLE_KINDS,
  type SingleKind,
  type SingleSpec,
  schemaOf,
  traitsOfEntry,
  withKind,
} from './single.ts';

/** Every kind that a job can name. */
export const TEACHER_KINDS: readonly TeacherKind[] = [auto, ensemble, ...SINGLE_KINDS];
export type TeacherKindName = SingleKind | 'auto' | 'ensemble';

export type EnsembleSpec = { kind: 'ensemble' } & Static<TObject<(typeof ensemble)['options']>>;
export type AutoSpec = { kind: 'auto' } & Static<TObject<(typeof auto)['options']>>;
export type TeacherSpec = SingleSpec | AutoSpec | EnsembleSpec;

export const TeacherSpec = oneOfKinds<TeacherSpec>(
  'kind',
  TEACHER_KINDS.map((kind) => schemaOf(kind)),
  'Who teaches; left out, the task decides. Each kind has options of its own, and where a model is named, the kind may be left out.',
  { implied: IMPLIED },
);

/** A version of a model. */
export type StoredSpec = { kind: 'stored' } & OptionsOf<'stored'>;

export type CompleteMember = Named<MemberSpec>;
export type CompleteEnsemble = EnsembleSpec &
  Required<Pick<EnsembleSpec, 'combine' | 'weights'>> & { members: CompleteMember[] };
/** A teacher's spec with its kind filled in, and with the members' weights unless validation chooses them. */
export type CompleteTeacher = Named<SingleSpec | AutoSpec> | CompleteEnsemble;

export function completeTeacher(teacher: TeacherSpec): CompleteTeacher {
  if (teacher.kind !== 'ensemble') return withKind(teacher);
  const { combine = 'average', weights = 'given' } = teacher;
  const members = teacher.members.map(withKind);
  return {
    ...teacher,
    members: weights === 'given' ? members.map((member) => ({ weight: 1, ...member })) : members,
    combine,
    weights,
  };
}

const byName = new Map(TEACHER_KINDS.map((entry) => [entry.kind, entry]));

/** The entry of a kind; undefined for a name that is none, such as that of a teacher at rest that another one is behind. */
export const findKind = (name: string | undefined): TeacherKind | undefined =>
  name === undefined ? undefined : byName.get(name);

/** @param task the job's, which decides what an option that is left out means */
export function traitsOf(teacher: { kind: TeacherKindName }, task?: TaskSpec): TeacherTraits {
  return traitsOfEntry(byName.get(teacher.kind)!, { ...teacher }, task);
}

export const originOf = (teacher: TeacherSpec): Origin => byName.get(withKind(teacher).kind)!.origin;

/** Widths of the hidden layers, where the teacher names them. */
export const widthsOf = (teacher: TeacherSpec | undefined): readonly number[] | undefined =>
  teacher && 'hidden' in teacher ? teacher.hidden : undefined;

/** The teacher where it is a version of a model. */
export function storedSpec(teacher: TeacherSpec | undefined): StoredSpec | undefined {
  if (!teacher) return undefined;
  const named = withKind(teacher);
  return named.kind === 'stored' ? named : undefined;
}

/** The teacher as one of this kind, where nothing else can have come so far. */
export function teacherOf<K extends TeacherKindName>(
  teacher: CompleteTeacher,
  kind: K,
): Extract<CompleteTeacher, { kind: K }> {
  if (teacher.kind === kind) return teacher as Extract<CompleteTeacher, { kind: K }>;
  throw new Error(`The teacher is ${teacher.kind}; only ${kind} can be here`);
}
