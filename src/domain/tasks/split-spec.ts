import type { Static, TObject } from 'typebox';
import { oneOfKinds } from '../base/one-of-kinds.ts';
import type { TaskSpec } from '../base/task-spec.ts';
import { type SplitTraits, splitSchema } from './split-kind.ts';
import * as kinds from './splits.ts';

export type SplitKinds = typeof kinds;
type Entry = SplitKinds[keyof SplitKinds];

type SpecOf<E extends Entry> = E extends Entry
  ? { strategy: E['strategy'] } & Partial<Static<TObject<E['options']>>>
  : never;
/** A split with every default filled in. */
export type PlanOf<E extends Entry> = E extends Entry
  ? { strategy: E['strategy'] } & ReturnType<E['complete']>
  : never;

export type SplitSpec = SpecOf<Entry>;
export type CompleteSplit = PlanOf<Entry>;

const SPLITS: readonly SplitTraits[] = Object.values(kinds);
const byStrategy = new Map(SPLITS.map((entry) => [entry.strategy, entry]));

function entryOf({ strategy }: SplitSpec): SplitTraits {
  return byStrategy.get(strategy)!;
}

export const SplitSpec = oneOfKinds<SplitSpec>(
  'strategy',
  SPLITS.map(splitSchema),
  'What is held out, for the test and for choosing settings by.',
);

/** A spec that splitProblem has nothing against, with every default filled in; what is complete stays as it is. */
export function completeSplit(split: SplitSpec): CompleteSplit {
  const { strategy, ...options } = split;
  return { strategy, ...entryOf(split).complete(options) } as CompleteSplit;
}

/** The first contradiction in a split, named by its field, or null. */
export function splitProblem(split: SplitSpec | undefined): string | null {
  if (!split) return null;
  const { strategy: _, ...options } = split;
  return entryOf(split).problem?.(options) ?? null;
}

/** The strategies that go with a task in place of the one that is given, or null where that goes with it too. */
export function splitsInstead(split: SplitSpec | undefined, task: TaskSpec): string | null {
  if (!split || entryOf(split).tasks.includes(task)) return null;
  return SPLITS.filter(({ tasks }) => tasks.includes(task))
    .map(({ strategy }) => strategy)
    .join(', ');
}
