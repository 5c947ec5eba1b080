import type { Csr } from '../dataset/matrix.ts';
import type { Measured, MeasuredByName } from '../domain/reports/measured.ts';
import { type Resampling, statistic } from './bootstrap.ts';
import type { Pairing } from './comparison.ts';
import { joinColumns, pickUsers } from './seeds.ts';

/** Errors of one predictor, summed per evaluated user. */
export interface RatingErrors {
  /** [users] ratings that were predicted. */
  count: Float64Array;
  /** [users] */
  squares: Float64Array;
  /** [users] */
  absolutes: Float64Array;
}

export function emptyErrors(users: number): RatingErrors {
  const column = () => new Float64Array(users);
  return { count: column(), squares: column(), absolutes: column() };
}

/**
 * Adds the errors of one row of predictions.
 * @param predictions [items] by item
 * @param heldOut the true ratings of its row
 */
export function addErrors(
  errors: RatingErrors,
  at: number,
  predictions: Float32Array,
  heldOut: Csr,
  row: number,
): void {
  for (let p = heldOut.indptr[row]!; p < heldOut.indptr[row + 1]!; p++) {
    const error = predictions[heldOut.indices[p]!]! - heldOut.values[p]!;
    errors.count[at]!++;
    errors.squares[at]! += error * error;
    errors.absolutes[at]! += Math.abs(error);
  }
}

/** Root of the mean squared error over all ratings, users resampled. */
export function rmse({ squares, count }: RatingErrors, resampling: Resampling): Measured {
  return statistic([squares, count], resampling, ([s, n]) => Math.sqrt(s! / n!));
}

/** Mean absolute error over all ratings, users resampled. */
export function mae({ absolutes, count }: RatingErrors, resampling: Resampling): Measured {
  return statistic([absolutes, count], resampling, ([a, n]) => a! / n!);
}

/** Compares predictors on the same ratings. Errors are turned round, so that more is better: see ComparisonReport. */
export function pairPredictors(resampling: Resampling): Pairing<RatingErrors> {
  const compare =
    (of: (own: number, other: number) => number) =>
    (one: RatingErrors, other: RatingErrors): MeasuredByName => {
      const { count } = one;
      const squares = [one.squares, other.squares, count];
      const absolutes = [one.absolutes, other.absolutes, count];
      const measured = {
        rmse: statistic(squares, resampling, ([a, b, n]) => of(Math.sqrt(a! / n!), Math.sqrt(b! / n!))),
        mae: statistic(absolutes, resampling, ([a, b, n]) => of(a! / n!, b! / n!)),
      };
      return Object.fromEntries(Object.entries(measured).filter(([, { value }]) => Number.isFinite(value)));
    };
  return {
    share: compare((own, other) => (own === 0 ? Number.NaN : other / own)),
    gain: compare((own, other) => other - own),
  };
}

/** Errors of some of the users. @param places their positions among all of them @param users how many all are */
export function errorsOf(errors: RatingErrors, places: Int32Array, users: number): RatingErrors {
  return eachColumn((key) => pickUsers(errors[key], places, users));
}

/** The errors of one predictor with several seeds as one. */
export function joinErrors(errors: readonly RatingErrors[]): RatingErrors {
  return eachColumn((key) => joinColumns(errors.map((one) => one[key])));
}

function eachColumn(of: (key: keyof RatingErrors) => Float64Array): RatingErrors {
  return { count: of('count'), squares: of('squares'), absolutes: of('absolutes') };
}
