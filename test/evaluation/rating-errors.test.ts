import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { createResampling } from '../../src/evaluation/bootstrap.ts';
import { addErrors, emptyErrors, mae, pairPredictors, rmse } from '../../src/evaluation/rating-errors.ts';
import { csrOf } from '../helpers/data.ts';

// Errors 1, -2 of the first user and 0.5 of the second.
const truth = csrOf([
  [4, 0, 3],
  [0, 2, 0],
]);
const predictions = [Float32Array.of(5, 9, 1), Float32Array.of(9, 2.5, 9)];

function errorsOf(rows: readonly Float32Array[]) {
  const errors = emptyErrors(2);
  rows.forEach((row, at) => void addErrors(errors, at, row, truth, at));
  return errors;
}

describe('errors of ratings', () => {
  const resampling = createResampling(2, createRng(1));

  it('are of the held-out pairs alone, each rating counting the same', () => {
    const errors = errorsOf(predictions);
    expect(rmse(errors, resampling).value).toBeCloseTo(Math.sqrt((1 + 4 + 0.25) / 3), 12);
    expect(mae(errors, resampling).value).toBeCloseTo((1 + 2 + 0.5) / 3, 12);
  });

  it('have intervals from users drawn again', () => {
    const { low, high } = rmse(errorsOf(predictions), resampling);
    expect(low).toBeCloseTo(0.5, 12);
    expect(high).toBeCloseTo(Math.sqrt(2.5), 12);
  });

  it('of nothing at all are no share of others', () => {
    const none = { ...errorsOf(predictions), squares: new Float64Array(2), absolutes: new Float64Array(2) };
    expect(pairPredictors(resampling).share(none, errorsOf(predictions))).toEqual({});
  });

  it('are compared on the same users', () => {
    const twice = predictions.map((row, user) =>
      row.map((p, i) => (truth.indices.includes(i) ? p + (p - denseTruth[user]![i]!) : p)),
    );
    const [one, other] = [errorsOf(twice), errorsOf(predictions)];
    const { share, gain } = pairPredictors(resampling);
    // Twice the error is half as good.
    expect(share(one, other)).toEqual({
      rmse: { value: 0.5, low: 0.5, high: 0.5 },
      mae: { value: 0.5, low: 0.5, high: 0.5 },
    });
    expect(gain(one, other).rmse!.value).toBeCloseTo(-Math.sqrt(5.25 / 3), 12);
    expect(gain(one, other).mae!.value).toBeCloseTo(-3.5 / 3, 12);
  });
});

const denseTruth = [
  [4, 0, 3],
  [0, 2, 0],
];
