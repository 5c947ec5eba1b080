import { type Static, Type } from 'typebox';

/** A figure over test users (or entities) with its bootstrap interval (95 %, percentile method, users resampled). */
export const Measured = Type.Object({
  value: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
});
export type Measured = Static<typeof Measured>;

/** Measured figures by the names of their metrics. */
export const MeasuredByName = Type.Record(Type.String(), Measured);
export type MeasuredByName = Static<typeof MeasuredByName>;

/** Numbers by their names. */
export const Numbers = Type.Record(Type.String(), Type.Number());
export type Numbers = Static<typeof Numbers>;

/** A schema, or null. */
export const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(
  type: T,
  options: { description?: string } = {},
) => Type.Union([type, Type.Null()], options);
