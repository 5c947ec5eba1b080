import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { packStudent } from '../../src/artifact/student/pack.ts';
import { quantizeRows } from '../../src/artifact/student/quantize.ts';
import type { StudentWeights } from '../../src/artifact/student/student-weights.ts';
import { weightingOf } from '../../src/dataset/ratings.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import { createRecommender, type Recommender } from '../../src/serving/answers/recommender.ts';
import { createLiveModels, type LiveModels } from '../../src/serving/models/live-models.ts';
import { samplePackage } from '../artifact/sample-student.ts';
import { ALIAS, interaction, logger, type ServingSetup, setUpServing } from './serving-setup.ts';

/** u = sum of (r - 3) / sqrt(n); rating of i = 3 + sum of (r - 3) / (n + 1) + E_i u. */
const weights: StudentWeights = {
  itemsIn: quantizeRows(Float32Array.of(1, 0, 1, 0, 1, 0, 1, 0), 4, 2),
  itemsOut: quantizeRows(Float32Array.of(0.5, -0.5, 0.25, 0.25), 4, 1),
  userBias: Float32Array.of(0),
  itemBias: new Float32Array(4),
  popularity: Float32Array.of(99, 99, 3, 99),
  inner: null,
  quantization: 'int8',
  normalization: 'none',
  activation: 'identity',
  rating: { mean: 3, base: new Float32Array(4), shrinkage: 1, low: 1, high: 5, deviation: 1 },
};

const rated = (userId: string, itemId: string, value: number, timestamp: number) =>
  interaction(userId, itemId, { type: 'rating', value, timestamp });

let setup: ServingSetup;
let live: LiveModels;
let recommender: Recommender;

beforeEach(async () => {
  setup = await setUpServing();
  await setup.publish('stars', weights, (files) => {
    const sample = samplePackage(weights, 'stars');
    const draft = { ...sample.draft, weighting: weightingOf(['rating']) };
    for (const [name, bytes] of packStudent({ ...sample, draft })) files.set(name, bytes);
  });
  const { store, artifacts } = setup;
  live = createLiveModels({ store, artifacts, logger, alias: ALIAS, pollMs: 1_000_000 });
  await live.start();
  recommender = createRecommender({ store, liveModels: live, now: Date.now });
});
afterEach(async () => {
  await live.close();
  await setup.close();
});

const ITEMS = ['item-0', 'item-1', 'item-2', 'item-3'];
const subject = (userId: string | null) => ({ userId, session: [] });

describe('a student of ratings', () => {
  it('ranks by predicted ratings within the scale, from the newest rating of each item', async () => {
    await setup.store.interactions.add([
      rated('ann', 'item-0', 1, 1000),
      rated('ann', 'item-0', 4, 2000),
      rated('ann', 'item-1', 5, 1500),
      interaction('ann', 'item-2', { timestamp: 3000 }),
    ]);
    const answer = await recommender.rank(subject('ann'), { items: ITEMS });
    expect(answer).toMatchObject({ source: 'student', model: { task: 'rating' } });
    // (1 + 2) / sqrt(2) = 2.121; 3 + 3 / 3 = 4.
    const scores = Object.fromEntries(answer.items.map(({ itemId, score }) => [itemId, score]));
    expect(scores['item-0']).toBe(5);
    expect(scores['item-1']).toBeCloseTo(4 - 0.5 * 2.1213, 2);
    expect(scores['item-2']).toBeCloseTo(4 + 0.25 * 2.1213, 2);
  });

  it('expects of a user without ratings what it expects of anybody', async () => {
    await setup.store.interactions.add([interaction('bob', 'item-2')]);
    for (const user of ['bob', 'nobody']) {
      const { items, source } = await recommender.rank(subject(user), { items: ITEMS });
      expect(items.map(({ score }) => score)).toEqual([3, 3, 3, 3]);
      expect(source).toBe('student');
    }
  });

  it('recommends an item of many ratings before one of few that is predicted as high', async () => {
    await setup.store.interactions.add([rated('ann', 'item-0', 5, 1000)]);
    const { items, source } = await recommender.recommend('ann', { k: 4 });
    expect(source).toBe('student');
    expect(items.map(({ itemId }) => itemId)).toEqual(['item-3', 'item-2', 'item-1']);
  });

  it('answers the task rating alone', async () => {
    const asked = recommender.rank(subject('ann'), { items: ITEMS, task: 'buy' });
    await expect(asked).rejects.toMatchObject({ code: 'invalid-request' });
    const named = await recommender.rank(subject('ann'), { items: ITEMS, task: 'rating' });
    expect(named.items).toHaveLength(4);
  });

  it.each<[string, (w: StudentWeights) => StudentWeights, RegExp]>([
    ['a scale upside down', (w) => ({ ...w, rating: { ...w.rating!, low: 5, high: 1 } }), /and a scale/],
    [
      'expectations of other items',
      (w) => ({ ...w, rating: { ...w.rating!, base: new Float32Array(3) } }),
      /tensor base is F32 \[3\]/,
    ],
    ['one matrix', (w) => ({ ...w, itemsIn: w.itemsOut }), /two item matrices/],
  ])('is not packed with %s', (_, spoil, reason) => {
    expect(() => packStudent(samplePackage(spoil(weights)))).toThrow(reason);
  });

  it('scores a row as it predicts it', () => {
    const { ratings } = createStudentScorer(weights);
    const [all, some] = [new Float32Array(4), new Float32Array(2)];
    ratings!.predictAll([0, 3], [5, 1], all);
    ratings!.predict([0, 3], [5, 1], [2, 1], some);
    expect([...some]).toEqual([all[2], all[1]]);
  });

  it('has scores on the scale of ratings, which are no probabilities', async () => {
    await expect(recommender.recommend('u', { k: 1, scores: 'probability' })).rejects.toMatchObject({
      code: 'invalid-request',
      detail: expect.stringMatching(/version 1 of model stars, which predicts ratings/),
    });
  });
});
