import { type Static, type TObject, type TProperties, Type } from 'typebox';
import { titleOf } from '../base/one-of-kinds.ts';
import { type Scheduled, scheduled } from '../base/scheduled.ts';
import type { TaskSpec } from '../base/task-spec.ts';

/** Tasks of the losses that know a student only by how it ranks items. */
export const RANKING_TASKS = ['single-label', 'sequential'] as const;
/** Tasks of the losses that take any score, also a predicted rating or the logit of a label. */
export const EVERY_TASK = [...RANKING_TASKS, 'rating', 'multi-label'] as const;

/**
 * A kind of loss: everything that api and trainer know of it but the arithmetic, which is in src/distillation/losses.
 * @typeParam P its options beside kind and weight
 * @typeParam D its defaults
 * @typeParam C its defaults that depend on the catalogue
 */
export interface LossEntry<K extends string, P extends TProperties, D extends Defaults<P>, C extends object>
  extends LossTraits {
  kind: K;
  options: P;
  /** Each loss is a mean, so that a weight does not depend on numbers of items or units. A paper's weight may be for sums. */
  defaults: D;
  forTeacher?(loss: OptionsOf<P>): Partial<OptionsOf<P>>;
  forCatalogue?(items: number, loss: OptionsOf<P>): C;
  limit?(items: number, loss: OptionsOf<P>): string | null;
  problem?(loss: OptionsOf<P>, field: string): string | null;
  listLength?(settings: Required<OptionsOf<P>>, onlyLists: boolean): number;
  keepsScale?(settings: OptionsOf<P>): boolean;
}

/** A kind of loss to those who do not ask which one it is. */
export interface LossTraits {
  kind: string;
  /** The text about the loss in the documentation, with its paper. */
  says: string;
  formerly?: FormerLoss;
  options: TProperties;
  defaults: { weight: Scheduled };
  /** Defaults in place of the others for a teacher whose scores are no logits. */
  forTeacher?(loss: object): object;
  /** Defaults that depend on the number of items. */
  forCatalogue?(items: number, loss: object): object;
  /** Returns why a catalogue of so many items is too large for the loss, or null. */
  limit?(items: number, loss: object): string | null;
  /** Returns an error in the options that the schema cannot find, named by the field, or null. */
  problem?(loss: object, field: string): string | null;
  /** `hiddenLayer`: it compares vectors, so it needs a teacher that has such a layer, and another loss that trains the scores. */
  learnsFrom: 'data' | 'scores' | 'hiddenLayer';
  tasks: readonly TaskSpec[];
  /**
   * Returns how many places of the teacher's list the loss reads, 0 for none.
   * @param onlyLists whether the teacher has nothing but lists
   */
  listLength?(settings: object, onlyLists: boolean): number;
  /** True where the loss may learn from lists that change while the student is trained. */
  followsCurriculum?: boolean;
  /** Returns true where the student's scores should start at the scale of the teacher's. */
  keepsScale?(settings: object): boolean;
  /** `fast`: it wants few updates at a high rate. Others want many at a low one. */
  pace?: 'fast';
  /**
   * Tells when no share of the history is hidden, as that gave nothing: always with this loss, or only where it is the only kind.
   */
  wholeHistory?: 'always' | 'alone';
}

/** The name of a loss in requests and reports of earlier releases. */
export interface FormerLoss {
  kind: string;
  /** Its options by today's names; undefined for a loss that is another kind today. Left out, they are the same. */
  read?(options: Record<string, unknown>): object | undefined;
}

type OptionsOf<P extends TProperties> = Partial<Static<TObject<P>>>;

type Defaults<P extends TProperties> = { weight: Scheduled } & OptionsOf<P>;

export function defineLoss<
  const K extends string,
  P extends TProperties,
  const D extends Defaults<P>,
  // biome-ignore lint/complexity/noBannedTypes: no default depends on the catalogue
  C extends object = {},
>(entry: LossEntry<K, P, D, C>): LossEntry<K, P, D, C> {
  return entry;
}

const Weight = Type.Optional(scheduled({ minimum: 0, maximum: 1000 }, 'A number, or a schedule.'));

/** The schema of one kind of loss in a request. */
export function lossSchema({ kind, says, formerly, options, defaults }: LossTraits): TObject {
  const optional = Object.entries(options).map(([name, schema]) => [name, Type.Optional(schema)]);
  const former = formerly ? ` The former name ${formerly.kind} is deprecated, and still read.` : '';
  return Type.Object(
    { kind: Type.Literal(kind), weight: Weight, ...Object.fromEntries(optional) },
    {
      additionalProperties: false,
      title: titleOf(kind, 'Loss'),
      description: `${says} Weight ${defaults.weight} where none is given.${former}`,
    },
  );
}
