import { type Described, saidIn } from './values.ts';

/** Numbers that a list may have to be read as a vector. */
export const MOST_NUMBERS = 2048;
/** Lists with a fraction in them are vectors although so great a share of what is said is something else. */
const MOST_ODD = 0.1;

/** Lists of numbers in a column, and how it is read. */
export interface VectorColumn {
  /** Numbers of each list. */
  length: number;
  isVector: boolean;
  /** First entity of which something else is said, and how many there are. */
  odd: { entity: Described; count: number } | null;
  /** Lists with that length. */
  count: number;
}

/**
 * Decides whether a column is one of vectors: all lists have one length, or nearly all have it and they are no lists of whole
 * numbers, which may be ids.
 * @returns null where no list of numbers is said, or nothing but lists of whole numbers of several lengths
 */
export function vectorColumnOf(entities: readonly Described[], name: string): VectorColumn | null {
  const counts = new Map<number, number>();
  let [said, hasFraction] = [0, false];
  for (const entity of entities) {
    const value = saidIn(entity, name);
    if (!value) continue;
    said++;
    if (value.kind !== 'vector') continue;
    counts.set(value.vector.length, (counts.get(value.vector.length) ?? 0) + 1);
    hasFraction ||= !value.vector.every(Number.isInteger);
  }
  if (counts.size === 0) return null;
  const [length, count] = [...counts].reduce((a, b) => (b[1] > a[1] ? b : a));
  if (count === said) return { length, count, isVector: true, odd: null };
  if (!hasFraction) return null;
  const first = entities.find((entity) => {
    const value = saidIn(entity, name);
    return value && !(value.kind === 'vector' && value.vector.length === length);
  })!;
  const odd = { entity: first, count: said - count };
  return { length, count, isVector: odd.count <= MOST_ODD * said, odd };
}

/** [length] means of the vectors of a column. */
export function meanVector(entities: readonly Described[], name: string, length: number): number[] {
  const sums = new Float64Array(length);
  let count = 0;
  for (const entity of entities) {
    const value = saidIn(entity, name);
    if (value?.kind !== 'vector' || value.vector.length !== length) continue;
    count++;
    for (let k = 0; k < length; k++) sums[k]! += value.vector[k]!;
  }
  // Short in JSON, and the same wherever it is read.
  return Array.from(sums, (sum) => Number((sum / count).toPrecision(7)));
}

/** The vector less the mean of its column, at length 1; null where nothing is left of it, or it has another length. */
export function centred(vector: readonly number[], mean: readonly number[]): Float64Array | null {
  if (vector.length !== mean.length) return null;
  const left = Float64Array.from(vector, (value, k) => value - mean[k]!);
  const length = Math.hypot(...left);
  return length > 0 && Number.isFinite(length) ? left.map((value) => value / length) : null;
}
