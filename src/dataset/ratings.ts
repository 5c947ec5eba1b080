import { problem } from '../core/errors.ts';
import type { InteractionSource } from '../domain/data/interaction-source.ts';
import type { Weighting } from '../domain/data/weighting.ts';
import { buildDataset, type Dataset } from './build.ts';
import type { DataFilter } from './filter.ts';

export interface RatingScale {
  low: number;
  high: number;
}

/** Within the scale. */
export function clipped(
  predictions: Float32Array,
  { low, high }: Pick<RatingScale, 'low' | 'high'>,
): Float32Array {
  return predictions.map((r) => Math.min(high, Math.max(low, r)));
}

/** A data set whose matrix holds ratings. */
export interface RatedDataset extends Dataset {
  scale: RatingScale & { from: 'job' | 'data' };
}

export interface RatingOptions {
  /** Interaction types whose values are ratings. */
  types: readonly string[];
  /** The range of ratings; by default it goes from the least to the greatest rating in the data. */
  scale?: RatingScale | undefined;
  filter?: DataFilter;
  /** True for a value that is no rating, such as -1 for "watched, not rated". */
  isUnrated?: (type: string, value: number) => boolean;
}

/**
 * @throws problem('not-enough-data') where nothing is rated, problem('invalid-training-input') for ratings without a value or
 *   outside the scale, with their number
 */
export async function buildRatings(source: InteractionSource, options: RatingOptions): Promise<RatedDataset> {
  const { types, scale, filter = {}, isUnrated = () => false } = options;
  const known = [...(await source.dictionary('types')).values()];
  if (!types.some((type) => known.includes(type))) {
    throw problem(
      'not-enough-data',
      `The task rating learns from interactions with a value, and there are none of the type ${types.join(' or ')}; there are: ${known.join(', ') || 'none'}. Name the types whose values are ratings in dataset.types`,
    );
  }
  const missing = { count: 0, type: '' };
  const outside = { count: 0, value: 0 };
  let low = Number.POSITIVE_INFINITY;
  let high = Number.NEGATIVE_INFINITY;
  const rate = (type: string, value: number | null): number | null => {
    if (!types.includes(type)) return null;
    if (value === null) {
      missing.count++;
      missing.type = type;
      return null;
    }
    if (isUnrated(type, value)) return null;
    if (scale && !(value >= scale.low && value <= scale.high)) {
      if (outside.count++ === 0) outside.value = value;
      return null;
    }
    low = Math.min(low, value);
    high = Math.max(high, value);
    return value;
  };
  const dataset = await buildDataset(source, weightingOf(types), { filter, rate }).catch((error) => {
    // What was left out is why there is too little.
    refuse();
    throw error;
  });
  refuse();
  if (!(high > low)) {
    throw problem(
      'not-enough-data',
      `All ratings are ${low}: there is nothing to predict. The task rating needs at least two different values`,
    );
  }
  return { ...dataset, scale: scale ? { ...scale, from: 'job' } : { low, high, from: 'data' } };

  function refuse(): void {
    if (missing.count > 0) {
      throw problem(
        'invalid-training-input',
        `${missing.count} interactions of the type ${missing.type} have no value, and a rating is its value. Send them with one, or leave the type out of dataset.types`,
      );
    }
    if (scale && outside.count > 0) {
      throw problem(
        'invalid-training-input',
        `${outside.count} ratings are outside dataset.ratingScale ${scale.low} to ${scale.high}, the first is ${outside.value}. Widen the scale, or correct them`,
      );
    }
  }
}

/** Returns how a live history is read when the model is served: these types count, whatever their value. */
export function weightingOf(types: readonly string[]): Weighting {
  return {
    types: Object.fromEntries(types.map((type) => [type, { weight: 1 }])),
    otherTypes: 0,
    halfLifeDays: null,
  };
}
