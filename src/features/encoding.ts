import { type Static, Type } from 'typebox';
import { drawOf } from '../core/rng.ts';
import { type Described, type FieldValue, saidIn } from './values.ts';
import { centred, MOST_NUMBERS } from './vector-field.ts';

const strict = { additionalProperties: false } as const;

const FieldEncoding = Type.Union([
  Type.Object(
    { name: Type.String(), kind: Type.Literal('always'), apart: Type.Optional(Type.Literal(true)) },
    strict,
  ),
  Type.Object({ name: Type.String(), kind: Type.Literal('tokens') }, strict),
  Type.Object(
    { name: Type.String(), kind: Type.Literal('number'), edges: Type.Array(Type.Number()) },
    strict,
  ),
  Type.Object(
    {
      name: Type.String(),
      kind: Type.Literal('vector'),
      mean: Type.Array(Type.Number(), { minItems: 2, maxItems: MOST_NUMBERS }),
    },
    strict,
  ),
]);
export type FieldEncoding = Static<typeof FieldEncoding>;

/**
 * How items or users become sparse rows, as training fitted it. Trainer and api compute the very same rows from it.
 *
 * Every field says tokens: a list its members, a text its words, a boolean true or false, a number the interval between two
 * `edges` that it lies in; `always` is said of everything, and stands for what all have in common (with `apart` it is a 1 beside
 * the row, and not a field of it). Field and token together are hashed into one of `buckets` (FNV-1a, mixed by splitmix32: `drawOf`
 * of core/rng with seed 0, times `buckets`; Weinberger et al., ICML 2009, without signs). Only `known` buckets, those of
 * several entities in training, have a column; the others say nothing.
 * A list of numbers in a field of vectors is a vector less the `mean` of training, at length 1. Each number has a bucket of its own:
 * those of all fields of vectors, in their order, come after the hashed ones.
 */
export const FeatureEncoding = Type.Object(
  {
    buckets: Type.Integer({ minimum: 1 }),
    fields: Type.Array(FieldEncoding),
    /** Bucket of each column, ascending. */
    known: Type.Array(Type.Integer({ minimum: 0 })),
  },
  strict,
);
export type FeatureEncoding = Static<typeof FeatureEncoding>;

/** An encoding without the buckets themselves, which are many: the manifest has this, a tensor has them. */
export const EncodingShape = Type.Object(
  {
    buckets: Type.Integer({ minimum: 1 }),
    fields: Type.Array(FieldEncoding),
    columns: Type.Integer({ minimum: 1 }),
  },
  strict,
);
export type EncodingShape = Static<typeof EncodingShape>;

type Fields = Pick<FeatureEncoding, 'buckets' | 'fields'>;

/** Fields of vectors, each with the bucket of its first number. */
function vectorsOf({ buckets, fields }: Fields) {
  let start = buckets;
  return fields.flatMap((field) => {
    if (field.kind !== 'vector') return [];
    start += field.mean.length;
    return [{ ...field, start: start - field.mean.length }];
  });
}

/** Buckets of the numbers of all vectors, ascending: each has a column. */
export function vectorBuckets(of: Fields): number[] {
  return vectorsOf(of).flatMap(({ mean, start }) => mean.map((_, k) => start + k));
}

/** One entity as a row: the columns ascending. */
export interface Bag {
  columns: Int32Array;
  values: Float32Array;
}

/** Many of them in compressed rows, as a sparse matrix has them. */
export interface Bags {
  rows: number;
  columns: number;
  /** [rows + 1] */
  indptr: Int32Array;
  indices: Int32Array;
  values: Float32Array;
}

export type Encoder = (entity: Described) => Bag;

/**
 * A row of length 1, in which every field that says something known has an equal share, and every token of a field; an empty
 * one where nothing is known. A number in a field of texts is read as a text, and a text that is a number as one.
 */
export function createEncoder({ buckets, fields, known }: FeatureEncoding): Encoder {
  const columnOf = new Map(known.map((bucket, column) => [bucket, column]));
  const isApart = (field: FieldEncoding) => field.kind === 'always' && field.apart === true;
  const shared = fields.filter((field) => !isApart(field) && field.kind !== 'vector');
  const vectors = vectorsOf({ buckets, fields });
  const apart = fields
    .filter(isApart)
    .flatMap((field) => bucketsOf(field, buckets, null))
    .map((bucket) => columnOf.get(bucket)!);
  return (entity) => {
    const shares = new Map<number, number>();
    let said = 0;
    for (const field of shared) {
      const columns = bucketsOf(field, buckets, saidIn(entity, field.name))
        .map((bucket) => columnOf.get(bucket))
        .filter((column) => column !== undefined);
      if (columns.length > 0) said++;
      for (const column of columns)
        shares.set(column, (shares.get(column) ?? 0) + 1 / Math.sqrt(columns.length));
    }
    for (const { name, mean, start } of vectors) {
      const value = saidIn(entity, name);
      const unit = value?.kind === 'vector' ? centred(value.vector, mean) : null;
      if (!unit) continue;
      said++;
      const first = columnOf.get(start)!;
      for (const [k, number] of unit.entries()) shares.set(first + k, number);
    }
    for (const column of shares.keys()) shares.set(column, shares.get(column)! / Math.sqrt(said));
    for (const column of apart) shares.set(column, 1);
    const columns = Int32Array.from(shares.keys()).sort();
    return { columns, values: Float32Array.from(columns, (column) => shares.get(column)!) };
  };
}

/** @param entities one per row; null is an empty row */
export function encodeAll(encoding: FeatureEncoding, entities: readonly (Described | null)[]): Bags {
  const encode = createEncoder(encoding);
  const bags = entities.map((entity) => entity && encode(entity));
  const indptr = new Int32Array(bags.length + 1);
  for (const [row, bag] of bags.entries()) indptr[row + 1] = indptr[row]! + (bag?.columns.length ?? 0);
  const indices = new Int32Array(indptr[bags.length]!);
  const values = new Float32Array(indices.length);
  for (const [row, bag] of bags.entries()) {
    if (!bag) continue;
    indices.set(bag.columns, indptr[row]!);
    values.set(bag.values, indptr[row]!);
  }
  return { rows: bags.length, columns: encoding.known.length, indptr, indices, values };
}

/** Distinct buckets of what a field says; none where it says nothing, or a text that is no number in a field of numbers. */
export function bucketsOf(field: FieldEncoding, buckets: number, value: FieldValue | null): number[] {
  const tokens = tokensOf(field, value);
  // No id or name has a NUL in it, so that field and token cannot run into each other.
  return [...new Set(tokens.map((token) => Math.floor(drawOf(`${field.name}\0${token}`, 0) * buckets)))];
}

function tokensOf(field: FieldEncoding, value: FieldValue | null): readonly string[] {
  if (field.kind === 'always') return [''];
  if (value === null || field.kind === 'vector') return [];
  if (field.kind === 'tokens') return value.tokens;
  return value.number === null ? [] : [intervalOf(field, value.number)];
}

function intervalOf(field: FieldEncoding, number: number): string {
  const edges = field.kind === 'number' ? field.edges : [];
  const at = edges.findIndex((edge) => number < edge);
  return String(at < 0 ? edges.length : at);
}
