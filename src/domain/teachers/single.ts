import { type Static, type TObject, type TProperties, Type } from 'typebox';
import { titleOf } from '../base/one-of-kinds.ts';
import type { TaskSpec } from '../base/task-spec.ts';
import type { Origin, TeacherKind, TeacherTraits } from './kind.ts';
import * as kinds from './kinds.ts';

type Entries = (typeof kinds)[keyof typeof kinds];

/** Name of a kind that is one model. */
export type SingleKind = Entries['kind'];

type EntryOf<K extends SingleKind> = Extract<Entries, { kind: K }>;

/** The options that a job can give to a kind, beside its name. */
export type OptionsOf<K extends SingleKind> = Static<TObject<EntryOf<K>['options']>>;

/** Kinds of one origin, by the name of their entry in kinds.ts. */
export type KindsFrom<O extends Origin> = {
  [N in keyof typeof kinds as (typeof kinds)[N]['origin'] extends O ? N : never]: (typeof kinds)[N]['kind'];
};

/** One model as a job says it. Where a model is named, the kind may be left out. */
export type SingleSpec = {
  [K in SingleKind]: (K extends typeof IMPLIED ? { kind?: K } : { kind: K }) & OptionsOf<K>;
}[SingleKind];

/** A teacher's spec T with its kind filled in, also where the job left it out. */
export type Named<T> = T extends { kind?: infer K } ? Omit<T, 'kind'> & { kind: NonNullable<K> } : never;

/** The kind of a teacher that names none. */
export const IMPLIED = 'stored' satisfies SingleKind;

export const SINGLE_KINDS: readonly TeacherKind[] = Object.values(kinds);

/** The schema of one kind, with options that come from elsewhere. */
export function schemaOf(
  { kind, says, options }: TeacherKind,
  more: TProperties = {},
  of = 'Teacher',
): TObject {
  return Type.Object(
    { kind: Type.Literal(kind), ...options, ...more },
    { additionalProperties: false, title: titleOf(kind, of), description: says },
  );
}

export function withKind<T extends { kind?: string | undefined }>(teacher: T): Named<T> {
  return { ...teacher, kind: teacher.kind ?? IMPLIED } as unknown as Named<T>;
}

/** A teacher as far as its traits depend on it. */
type TeacherLike = { kind: string } & Record<string, unknown>;

/** The variant that a teacher of this kind is, with the option that decides it; undefined where its kind has none. */
export function variantOf(entry: TeacherKind, teacher: TeacherLike, task: TaskSpec = 'single-label') {
  if (!entry.variants) return undefined;
  const { by, of } = entry.variants;
  const names = Object.keys(of);
  const meant = names.find((name) => (of[name]!.task ?? entry.task) === task) ?? names[0]!;
  const name = (teacher[by] as string | undefined) ?? meant;
  return { by, name, variant: of[name]! };
}

/** Returns the traits of a kind, with those of its variant in their place. */
export function traitsOfEntry(entry: TeacherKind, teacher: TeacherLike, task?: TaskSpec): TeacherTraits {
  const { has: _, ...own } = variantOf(entry, teacher, task)?.variant ?? { has: [] };
  return { ...entry, ...own };
}
