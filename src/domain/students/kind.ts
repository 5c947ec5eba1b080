import { type Static, type TObject, type TProperties, Type } from 'typebox';
import { titleOf } from '../base/one-of-kinds.ts';
import type { TaskSpec } from '../base/task-spec.ts';
import { quantizationOptions } from './quantization.ts';

/** Options that every kind of student has. */
export const sharedOptions = {
  dimensions: Type.Integer({ minimum: 1, maximum: 1024, examples: [32] }),
  mostBytes: Type.Integer({
    minimum: 1,
    maximum: 1e12,
    description:
      'In place of dimensions: as many as fit so many bytes of weights (what features add comes on top). For tasks that rank items.',
    examples: [100_000],
  }),
  tied: Type.Boolean({
    description: 'One item matrix for both sides: half the bytes, a little less accurate.',
  }),
  itemBias: Type.Boolean({ description: 'Whether each item has a bias of its own.' }),
  ...quantizationOptions,
};

/** The rest of a job, as far as it decides whether a student fits. */
export interface StudentJob {
  task?: TaskSpec;
  transfer?: string;
}

/** A kind of student to those who do not ask which one it is. */
export interface StudentTraits {
  kind: string;
  /** The text about the kind in the documentation: how it makes a user's vector. */
  says: string;
  options: TProperties;
  /** Returns an error that the schema cannot find, named by its field, or null. */
  problem(student: object, job: StudentJob): string | null;
}

interface StudentEntry<K extends string, P extends TProperties> extends StudentTraits {
  kind: K;
  options: P;
  problem(student: Partial<Static<TObject<P>>>, job: StudentJob): string | null;
}

export function defineStudent<const K extends string, P extends TProperties>(
  entry: StudentEntry<K, P>,
): StudentEntry<K, P> {
  return entry;
}

export function studentSchema({ kind, says, options }: StudentTraits): TObject {
  const optional = Object.entries(options).map(([name, schema]) => [name, Type.Optional(schema)]);
  return Type.Object(
    { kind: Type.Literal(kind), ...Object.fromEntries(optional) },
    { additionalProperties: false, title: titleOf(kind, 'Student'), description: says },
  );
}
