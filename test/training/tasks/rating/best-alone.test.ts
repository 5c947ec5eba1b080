import { describe, expect, it } from 'vitest';
import { createRng } from '../../../../src/core/rng.ts';
import { filterEntries } from '../../../../src/dataset/matrix.ts';
import { buildRatings } from '../../../../src/dataset/ratings.ts';
import { completeDistillation } from '../../../../src/domain/jobs/complete-distillation.ts';
import type { Progress } from '../../../../src/tensor/train/progress.ts';
import { trainBestRatings } from '../../../../src/training/tasks/rating/best-alone.ts';
import type { RatingLesson } from '../../../../src/training/tasks/rating/lesson.ts';
import { planRating } from '../../../../src/training/tasks/rating/plan.ts';
import {
  createRatingSolver,
  predictionsOf,
  roundedFactors,
} from '../../../../src/training/tasks/rating/small-model.ts';
import { sourceOf } from '../../../helpers/data.ts';
import { RATING_SPEC, ratedRows, ratingOf } from '../../../helpers/rated.ts';

const { matrix, scale, users, items } = await buildRatings(sourceOf(ratedRows()), { types: ['rating'] });
const size = { users: users.length, items: items.length };
const settings = planRating(completeDistillation(RATING_SPEC), size);

/** The root of the mean squared error over all pairs, those without a rating too. */
function errorOf(predictions: Float32Array): number {
  const squares = predictions.reduce((sum, predicted, at) => {
    const [user, item] = [Math.floor(at / size.items), at % size.items];
    return sum + (predicted - ratingOf(user, item)) ** 2;
  }, 0);
  return Math.sqrt(squares / predictions.length);
}

const validation: RatingLesson['validation'] = { rmse: (predict) => errorOf(predict(matrix)) };
const lesson: RatingLesson = { train: matrix, learned: matrix, scale, settings, validation };
const fitOf = (more: { signal?: AbortSignal; onProgress?(progress: Progress): void } = {}) => ({
  ...{ rng: createRng(1), signal: new AbortController().signal, onProgress() {} },
  ...more,
});

describe('the best small model of ratings without a teacher', () => {
  it('finds the taste of users whom it solves, at fewer bytes than the student, and says what it tried', async () => {
    const seen: number[] = [];
    const best = await trainBestRatings(
      lesson,
      fitOf({ onProgress: ({ fraction }) => void seen.push(fraction) }),
    );
    expect(best.description).toMatch(/^(SVD\+\+|biased MF) 4, solved per user, without a teacher, int8$/);
    expect(best.tried.map(({ model }) => model.replace(/\d+ epochs/, ''))).toEqual([
      'SVD++ 4, solved per user, regularization 0.1, ',
      'SVD++ 4, solved per user, regularization 0.06, ',
      'biased MF 4, solved per user, regularization 0.1, ',
    ]);
    const least = Math.min(...best.tried.map(({ metric }) => metric!));
    expect(least).toBeLessThan(0.6);
    const served = predictionsOf(best.factors, best.ridge);
    // The same seed and pairs: rounding is all that differs from what validation saw.
    expect(errorOf(served(matrix))).toBeCloseTo(least, 2);
    expect(best.parameters).toBeLessThanOrEqual(size.items * (4 + 4 + 1) + 1);
    expect(seen).toEqual(seen.toSorted((a, b) => a - b));
    expect(seen.at(-1)).toBe(1);
  });

  it('learns in the end from what the student learned from', async () => {
    const half = filterEntries(matrix, (p) => p % 2 === 0);
    const [less, all] = [
      await trainBestRatings({ ...lesson, train: half, learned: half }, fitOf()),
      await trainBestRatings({ ...lesson, train: half, learned: matrix }, fitOf()),
    ];
    expect(all.tried).toEqual(less.tried);
    expect(all.factors.mean).toBeCloseTo(matrix.values.reduce((sum, r) => sum + r, 0) / matrix.values.length);
    expect(all.factors.items).not.toEqual(less.factors.items);
  });

  it('is the first of all, where nothing is held out to choose by', async () => {
    const { tried } = await trainBestRatings({ ...lesson, validation: undefined }, fitOf());
    expect(tried).toEqual([
      { model: 'SVD++ 4, solved per user, regularization 0.1, 30 epochs', metric: null },
    ]);
  });

  it('stops when it is told to', async () => {
    const job = trainBestRatings(lesson, fitOf({ signal: AbortSignal.abort() }));
    await expect(job).rejects.toMatchObject({ code: 'cancelled' });
  });
});

describe('a user who is solved', () => {
  const ridge = { regularization: 0.5, biasRegularization: 1 };
  const factors = {
    ...{ dimensions: 1, mean: 3, itemBias: Float32Array.of(1, -1) },
    ...{ items: Float32Array.of(2, -1), implicit: new Float32Array(0) },
  };

  it('is the ridge regression of what is left of the ratings', () => {
    const { bias, vector } = createRatingSolver(factors, ridge)([0, 1], [5, 1]);
    // Left are 1 and -1 of the rows (2, 1) and (-1, 1): [[5 + 1, 1], [1, 2 + 2]] (p, b) = (3, 0).
    expect(vector[0]).toBeCloseTo(12 / 23, 12);
    expect(bias).toBeCloseTo(3 - 3 / 23, 12);
  });

  it('is what the items say of who rated them, and the ridge regression of the rest', () => {
    const implicit = Float32Array.of(0.25, 0);
    const { bias, vector } = createRatingSolver({ ...factors, implicit }, ridge)([0], [5]);
    // z = 1/4, left is 1 - 1/2: [[4.5, 2], [2, 2]] (p, b) = (1, 1/2).
    expect(vector[0]).toBeCloseTo(0.25 + 1 / 5, 12);
    expect(bias).toBeCloseTo(3 + 0.05, 12);
  });

  it('has the mean without ratings, and is nobody after somebody', () => {
    const solve = createRatingSolver(factors, ridge);
    solve([0], [5]);
    expect([solve([], []).bias, ...solve([], []).vector]).toEqual([3, 0]);
  });

  it('predicts after rounding what it did before', () => {
    const implicit = Float32Array.of(0.3, -0.2);
    const exact = predictionsOf({ ...factors, implicit }, ridge);
    const { factors: rows, bytes } = roundedFactors({ ...factors, implicit }, ridge, two, scale);
    const served = predictionsOf(rows, ridge)(two);
    for (const [at, predicted] of exact(two).entries()) expect(served[at]).toBeCloseTo(predicted, 2);
    expect(bytes).toBeGreaterThan(0);
  });
});

const two = {
  ...{ rows: 2, columns: 2, indptr: Int32Array.of(0, 1, 2) },
  ...{ indices: Int32Array.of(0, 1), values: Float32Array.of(5, 2) },
};
