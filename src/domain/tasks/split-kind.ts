import { type Static, type TObject, type TProperties, Type } from 'typebox';
import { titleOf } from '../base/one-of-kinds.ts';
import type { TaskSpec } from '../base/task-spec.ts';

/**
 * A strategy of the split: everything that api and trainer know of it but how pairs are divided, which is in src/dataset/split.
 * @typeParam P its options
 * @typeParam C what is left of them when everything is filled in
 */
export interface SplitEntry<S extends string, P extends TProperties, C extends object> extends SplitTraits {
  strategy: S;
  options: P;
  complete(options: OptionsOf<P>): C;
  problem?(options: OptionsOf<P>): string | null;
}

/** A strategy to those who do not ask which one it is. */
export interface SplitTraits {
  strategy: string;
  /** The text about the kind in the documentation: what it holds out, and what it needs of the data. */
  says: string;
  options: TProperties;
  /** Tasks that it goes with. Of multi-label those are meant that hold out items or users with their labels. */
  tasks: readonly TaskSpec[];
  /** A split that `problem` has nothing against, with every default filled in; what is complete stays as it is. */
  complete(options: object): object;
  /** The first contradiction, named by its field, or null. */
  problem?(options: object): string | null;
}

type OptionsOf<P extends TProperties> = Partial<Static<TObject<P>>>;

export function defineSplit<const S extends string, P extends TProperties, C extends object>(
  entry: SplitEntry<S, P, C>,
): SplitEntry<S, P, C> {
  return entry;
}

export function splitSchema({ strategy, says, options }: SplitTraits): TObject {
  const optional = Object.entries(options).map(([name, schema]) => [name, Type.Optional(schema)]);
  return Type.Object(
    { strategy: Type.Literal(strategy), ...Object.fromEntries(optional) },
    { additionalProperties: false, title: titleOf(strategy, 'Split'), description: says },
  );
}
