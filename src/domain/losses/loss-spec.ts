import type { Static, TObject } from 'typebox';
import { oneOfKinds } from '../base/one-of-kinds.ts';
import type { Scheduled } from '../base/scheduled.ts';
import { type LossTraits, lossSchema } from './kind.ts';
import * as kinds from './kinds.ts';

export type LossKinds = typeof kinds;
type Entry = LossKinds[keyof LossKinds];
export type LossKind = Entry['kind'];

type EntryOf<K extends LossKind> = Extract<Entry, { kind: K }>;
type OptionsOf<K extends LossKind> = Static<TObject<EntryOf<K>['options']>>;
type Named<K extends LossKind> = Pick<OptionsOf<K>, keyof EntryOf<K>['defaults'] & keyof OptionsOf<K>>;
type Sized<K extends LossKind> = Pick<
  OptionsOf<K>,
  keyof ReturnType<NonNullable<EntryOf<K>['forCatalogue']>> & keyof OptionsOf<K>
>;
type Flat<T> = { [M in keyof T]: T[M] };

type SpecOf<K extends LossKind> = Flat<{ kind: K; weight?: Scheduled } & Partial<OptionsOf<K>>>;
type CompleteOf<K extends LossKind> = Flat<{ kind: K; weight: Scheduled } & Partial<OptionsOf<K>> & Named<K>>;
/** A loss with every setting filled in, also those that depend on the catalogue. */
export type SettingsOf<K extends LossKind> = Flat<CompleteOf<K> & Sized<K>>;

export type LossSpec = { [K in LossKind]: SpecOf<K> }[LossKind];
/** A loss with every setting filled in that does not depend on the data. */
export type CompleteLoss = { [K in LossKind]: CompleteOf<K> }[LossKind];
export type LossSettings = { [K in LossKind]: SettingsOf<K> }[LossKind];

export const LOSSES: readonly LossTraits[] = Object.values(kinds);
const byKind = new Map(LOSSES.map((entry) => [entry.kind, entry]));

export function lossOf(kind: LossKind): LossTraits {
  return byKind.get(kind)!;
}

export const LossSpec = oneOfKinds<LossSpec>(
  'kind',
  LOSSES.map(lossSchema),
  'What the student learns from. Each kind may be there once; the total is the sum of all by their weights.',
);
