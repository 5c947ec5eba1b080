import { describe, expect, it } from 'vitest';
import { loadStudent } from '../../../../src/artifact/student/load.ts';
import type { DistillationSpec } from '../../../../src/domain/jobs/distillation-spec.ts';
import { createStudentScorer } from '../../../../src/scoring/student-scorer.ts';
import type { Row } from '../../../helpers/data.ts';
import { RATED_ITEMS, ratedRows, ratingOf, RATING_SPEC as SPEC } from '../../../helpers/rated.ts';
import { run } from '../../run-job.ts';

async function rate(spec: Partial<DistillationSpec> = {}, rows: Row[] = ratedRows()) {
  const { report, artifacts } = await run({ ...SPEC, ...spec }, rows);
  const predictor = (name: string) => report.models.find((one) => one.name === name)!;
  return { report, artifacts, predictor };
}

describe('a job of the task rating', () => {
  it('predicts ratings that only the taste explains, and a new user from a few ratings', async () => {
    const { report, artifacts, predictor } = await rate();
    expect(report).toMatchObject({ task: 'rating', scale: { low: 1, high: 5, from: 'data' } });
    expect(report.models.map(({ name }) => name)).toEqual([
      'teacher',
      'student',
      'student-float32',
      'student-alone',
      'best-alone',
      'means',
    ]);
    expect(predictor('teacher').metrics.rmse!.value).toBeLessThan(0.4);
    expect(predictor('student').metrics.rmse!.value).toBeLessThan(0.5);
    expect(predictor('means').metrics.rmse!.value).toBeGreaterThan(1);
    expect(predictor('student').metrics.mae!.value).toBeLessThan(predictor('student').metrics.rmse!.value);
    expect(report.comparison.gainOverBaseline.rmse!.low).toBeGreaterThan(0);
    expect(predictor('student').fidelity!.distance!.value).toBeLessThan(0.4);
    expect(predictor('teacher').fidelity).toBeNull();

    const { weights, items, manifest } = await loadStudent(artifacts, 'models/films/job-1');
    expect(manifest).toMatchObject({ dimensions: 4, rating: { low: 1, high: 5 } });
    expect(manifest.summary.metrics.student!.rmse).toBe(predictor('student').metrics.rmse!.value);
    const { ratings } = createStudentScorer(weights);
    const out = new Float32Array(RATED_ITEMS);
    // Nobody trained has this history: three films of one kind that were loved, one of the other that was not.
    ratings!.predictAll([0, 2, 4, 1], [5, 5, 5, 1], out);
    expect(items[0]).toBe('film/00');
    for (let item = 6; item < RATED_ITEMS; item++) {
      expect(out[item]! > 3, `film ${item}: ${out[item]}`).toBe(ratingOf(0, item) > 3);
      expect(out[item]!).toBeGreaterThanOrEqual(1);
      expect(out[item]!).toBeLessThanOrEqual(5);
    }
    // Without ratings everybody gets what is expected of the film.
    ratings!.predictAll([], [], out);
    expect(Math.abs(out[3]! - out[2]!)).toBeLessThan(1.5);
  });

  it.each<[string, Partial<DistillationSpec>]>([
    [
      'biased factors',
      { teacher: { kind: 'matrix-factorization', objective: 'biased', dimensions: 4, learningRate: 0.05 } },
    ],
    [
      'users who are not trained on',
      { dataset: { split: { strategy: 'held-out-users', testFraction: 0.3 } } },
    ],
    ['the newest ratings as test', { dataset: { split: { strategy: 'last-fraction' } } }],
  ])('works with %s', async (_, spec) => {
    const { predictor } = await rate(spec);
    expect(predictor('teacher').metrics.rmse!.value).toBeLessThan(0.6);
    expect(predictor('student').metrics.rmse!.value).toBeLessThan(0.8);
  });

  it('counts the newest rating of a pair, takes the scale of the job and other types with a value', async () => {
    const stars = ratedRows().map((row): Row => ({ ...row, type: 'stars', value: row.value! - 3 }));
    // An older opinion that was taken back.
    const older = stars.map((row): Row => ({ ...row, value: -row.value!, timestamp: row.timestamp! - 1e9 }));
    const { report, predictor } = await rate(
      { dataset: { types: { stars: {} }, ratingScale: { low: -3, high: 3 } } },
      [...stars, ...older],
    );
    expect(report.scale).toEqual({ low: -3, high: 3, from: 'job' });
    expect(report.data.interactions).toBe(stars.length);
    expect(predictor('student').metrics.rmse!.value).toBeLessThan(0.6);
  });

  it('learns from all ratings where the job says so, after the report', async () => {
    const short = { ...SPEC.distillation, epochs: 2 };
    const counts = async (refit: boolean) => {
      const { report, artifacts } = await rate({ distillation: short, evaluation: { refit } });
      const { weights } = await loadStudent(artifacts, 'models/films/job-1');
      return { report, ratings: weights.popularity.reduce((sum, n) => sum + n, 0) };
    };
    const [tested, again] = [await counts(false), await counts(true)];
    expect(tested.ratings).toBe(tested.report.data.train + tested.report.data.validation);
    expect(again.ratings).toBe(again.report.data.interactions);
    expect(again.report.models).toEqual(tested.report.models);
  });

  it.each<[string, Partial<DistillationSpec>, (row: Row, i: number) => Row, string, RegExp]>([
    [
      'no ratings',
      {},
      (row) => ({ ...row, type: 'click' }),
      'not-enough-data',
      /none of the type rating; there are: click/,
    ],
    [
      'ratings without a value',
      { dataset: { types: { stars: {} } } },
      (row, i) => ({ ...row, type: 'stars', value: i < 3 ? undefined : row.value }) as Row,
      'invalid-training-input',
      /3 interactions of the type stars have no value/,
    ],
    [
      'ratings outside the scale of the job',
      { dataset: { ratingScale: { low: 1, high: 4 } } },
      (row) => row,
      'invalid-training-input',
      /ratings are outside dataset.ratingScale 1 to 4, the first is 5/,
    ],
    ['one rating for all', {}, (row) => ({ ...row, value: 4 }), 'not-enough-data', /All ratings are 4/],
  ])('refuses %s', async (_, spec, change, code, detail) => {
    await expect(rate(spec, ratedRows().map(change))).rejects.toMatchObject({
      code,
      detail: expect.stringMatching(detail),
    });
  });
});
