import type { Csr } from '../dataset/matrix.ts';
import type { Measured } from '../domain/reports/measured.ts';
import { type Resampling, statistic } from './bootstrap.ts';

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

/** One predictor's RMSE by another's on the same ratings: paired bootstrap. */
export function rmseRatio(one: RatingErrors, other: RatingErrors, resampling: Resampling): Measured {
  return statistic([one.squares, other.squares], resampling, ([a, b]) => Math.sqrt(a! / b!));
}

/** One predictor's RMSE minus another's. */
export function rmseDifference(one: RatingErrors, other: RatingErrors, resampling: Resampling): Measured {
  return statistic(
    [one.squares, other.squares, one.count],
    resampling,
    ([a, b, n]) => Math.sqrt(a! / n!) - Math.sqrt(b! / n!),
  );
}
