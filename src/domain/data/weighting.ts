import { type Static, Type } from 'typebox';
import { RATING_TYPE } from './interaction.ts';

/**
 * The weight of one interaction: w = typeWeight * [value >= minValue] * 2^(-age / halfLife). The formula is stored in the
 * artifact, so that a live history is weighed at serving time exactly as in training.
 */
export const Weighting = Type.Object(
  {
    types: Type.Record(
      Type.String(),
      Type.Object(
        { weight: Type.Number({ minimum: 0, maximum: 1000 }), minValue: Type.Optional(Type.Number()) },
        { additionalProperties: false },
      ),
    ),
    /** The weight of types that are not named; 0 leaves them out. */
    otherTypes: Type.Number({ minimum: 0 }),
    halfLifeDays: Type.Union([Type.Number({ exclusiveMinimum: 0 }), Type.Null()]),
  },
  { additionalProperties: false },
);
export type Weighting = Static<typeof Weighting>;

/** Every type counts 1; of ratings, those that mean liking. */
export const DEFAULT_WEIGHTING: Weighting = {
  types: { [RATING_TYPE]: { weight: 1, minValue: 4 } },
  otherTypes: 1,
  halfLifeDays: null,
};

const DAY_MS = 86_400_000;

/**
 * @param timestamp milliseconds or null; an interaction without a time does not age
 * @param now the time that age is counted to: the newest interaction in training, the clock in serving
 * @returns the weight, 0 when the interaction does not count
 */
export function interactionWeight(
  weighting: Weighting,
  type: string,
  value: number | null,
  timestamp: number | null,
  now: number,
): number {
  // hasOwn: a type may be called `constructor`.
  const rule = Object.hasOwn(weighting.types, type) ? weighting.types[type] : undefined;
  const base = rule ? rule.weight : weighting.otherTypes;
  if (rule?.minValue !== undefined && value !== null && value < rule.minValue) return 0;
  if (weighting.halfLifeDays === null || timestamp === null) return base;
  const ageDays = Math.max(0, now - timestamp) / DAY_MS;
  return base * 2 ** (-ageDays / weighting.halfLifeDays);
}
