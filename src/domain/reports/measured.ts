import { type Static, Type } from 'typebox';

/** A ratio over test users with its bootstrap interval (95 %, percentile method, users resampled). */
export const Measured = Type.Object({
  value: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
});
export type Measured = Static<typeof Measured>;

/** Numbers by their names. */
export const Numbers = Type.Record(Type.String(), Type.Number());
