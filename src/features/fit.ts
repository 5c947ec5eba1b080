import { problem } from '../core/errors.ts';
import { bucketsOf, type FeatureEncoding, type FieldEncoding, vectorBuckets } from './encoding.ts';
import { typeOfField } from './field-type.ts';
import { type Described, fieldName, fieldsOf, saidIn } from './values.ts';
import { MOST_NUMBERS, meanVector } from './vector-field.ts';

export interface FitOptions {
  /** Name of the option in errors, such as 'features.items'. */
  option: string;
  /** Word for an entity in errors. */
  noun: 'item' | 'user';
  /** Fields by name; true for all that any entity has. */
  fields: true | readonly string[];
  /** Where one more column stands for what all have in common: as a field like others, or apart from them. */
  always?: boolean | 'apart';
  /** Number of buckets that field and token are hashed to. */
  buckets: number;
  /** Entities that a bucket of tokens must have to get a column: what one alone says tells nothing of others. */
  least?: number;
  /** Columns of tokens at most: the buckets that most entities have. */
  most?: number;
  /** Told of every field that is read in another way than some entity has it. */
  warn?: ((message: string) => void) | undefined;
}

/** Intervals that a number is put into, as equally full as its values allow. */
const INTERVALS = 16;

/**
 * Reads off the entities of training how they are encoded.
 * @throws problem('invalid-job') for a field that none has
 */
export function fitEncoding(
  entities: readonly Described[],
  { option, noun, fields, always = false, buckets, least = 2, most, warn }: FitOptions,
): FeatureEncoding {
  const there = [...new Set(entities.flatMap(fieldsOf))].sort();
  const names = fields === true ? there : [...new Set(fields.map(fieldName))];
  if (names.length === 0) {
    throw problem('invalid-job', `${option}: no ${noun} of the data has any feature; send them first`);
  }
  const said = names.map((name) => fitField(entities, name, { option, noun, there, warn }));
  const encodings: FieldEncoding[] = always ? [alwaysSaid(always), ...said] : said;
  const counts = new Map<number, number>();
  for (const entity of entities) {
    const said = encodings.flatMap((field) => bucketsOf(field, buckets, saidIn(entity, field.name)));
    for (const bucket of new Set(said)) counts.set(bucket, (counts.get(bucket) ?? 0) + 1);
  }
  const hashed = [...counts]
    .filter(([, count]) => count >= least)
    .sort(([a, many], [b, more]) => more - many || a - b)
    .slice(0, most)
    .map(([bucket]) => bucket)
    .sort((a, b) => a - b);
  const known = [...hashed, ...vectorBuckets({ buckets, fields: encodings })];
  if (known.length === 0) {
    throw problem(
      'invalid-job',
      `${option}: nothing that is said in ${names.join(', ')} is said of ${least} ${noun}s`,
    );
  }
  return { buckets, fields: encodings, known };
}

function alwaysSaid(always: true | 'apart'): FieldEncoding {
  return { name: 'all', kind: 'always', ...(always === 'apart' && { apart: true }) };
}

function fitField(
  entities: readonly Described[],
  name: string,
  { option, noun, there, warn }: Pick<FitOptions, 'option' | 'noun' | 'warn'> & { there: readonly string[] },
): FieldEncoding {
  const type = typeOfField(entities, name, noun);
  if (!type) {
    throw problem(
      'invalid-job',
      `${option} names ${name}, of which no ${noun} says anything; there are: ${there.join(', ')}`,
    );
  }
  if (type.warning !== undefined) warn?.(`${option}: ${type.warning}`);
  if (type.kind === 'tokens') return { name, kind: 'tokens' };
  if (type.kind === 'vector') {
    const length = type.length!;
    if (length > MOST_NUMBERS) {
      throw problem(
        'invalid-job',
        `${option}: ${name} is a list of ${length} numbers; a vector has ${MOST_NUMBERS} at most`,
      );
    }
    return { name, kind: 'vector', mean: meanVector(entities, name, length) };
  }
  return { name, kind: 'number', edges: edgesOf(type.numbers) };
}

/** Edges of bins: between the values where they are few, else quantiles. Ascending, distinct. */
function edgesOf(numbers: readonly number[]): number[] {
  const sorted = Float64Array.from(numbers).sort();
  const distinct = [...new Set(sorted)];
  if (distinct.length <= INTERVALS) return distinct.slice(1).map((value, i) => (value + distinct[i]!) / 2);
  const quantiles = Array.from(
    { length: INTERVALS - 1 },
    (_, i) => sorted[Math.floor(((i + 1) * sorted.length) / INTERVALS)]!,
  );
  return [...new Set(quantiles)];
}
