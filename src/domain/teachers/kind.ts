import type { Static, TObject, TProperties } from 'typebox';
import type { TaskSpec } from '../base/task-spec.ts';

/**
 * The origin of a teacher: the job trains it, it was imported, it is stored with a version of a model, or it is several teachers
 * at once.
 */
export type Origin = 'trained' | 'imported' | 'stored' | 'several';

/** Traits of a teacher, which the rest of the code asks about instead of the name of its kind. */
export interface TeacherTraits {
  /** The task that the teacher learns. A teacher of the task single-label may teach sequential students too. */
  task: TaskSpec;
  /**
   * The nature of its scores. logits: a softmax of them says something, so soft labels take them as they are; scores: they have a
   * scale of their own, so soft labels standardize them; lists: there are only some for each user, known by the rows of the data.
   */
  scores: 'logits' | 'scores' | 'lists';
  /** True where it may have a hidden layer that a loss or a transfer can read; false where it certainly has none. */
  layers: boolean;
  /** True where it is trained in epochs, so that a curriculum can use its lists of earlier epochs. */
  inEpochs: boolean;
}

/** A value of one option that changes which other options there are, such as the objective of a factorization. */
interface Variant<Option extends string> extends Partial<TeacherTraits> {
  /** Options that this variant has and not every other has. */
  has: readonly Option[];
}

/** Everything that api and trainer know of a kind of teacher before one is made. */
interface Definition<K extends string, P extends TProperties, O extends Origin> extends TeacherTraits {
  kind: K;
  origin: O;
  /** The text about the kind in the OpenAPI document. */
  says: string;
  /** Options beside `kind`, as TypeBox properties. Those of another kind are refused. */
  options: P;
  /** The first variant that suits the job's task is meant where the option is left out. */
  variants?: { by: keyof P & string; of: Record<string, Variant<keyof P & string>> };
  /** Place of the kind in `auto` of its task, which tries the kinds that have one in this order, the most worth for its time first. */
  auto?: number;
  /** A contradiction between options that a schema cannot say, named by its field as in `teacher.hidden`, or null. */
  problem?(options: Static<TObject<P>>): string | null;
}

/** A kind among others. */
export interface TeacherKind extends Omit<Definition<string, TProperties, Origin>, 'variants' | 'problem'> {
  variants?: { by: string; of: Record<string, Variant<string>> };
  problem?(options: object): string | null;
}

type Defined<K, O, P> = Omit<TeacherKind, 'kind' | 'origin' | 'options'> & { kind: K; origin: O; options: P };

export function defineTeacher<const K extends string, P extends TProperties, const O extends Origin>(
  definition: Definition<K, P, O>,
): Defined<K, O, P> {
  return definition as Defined<K, O, P>;
}
