import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { packStudent } from '../../../src/artifact/student/pack.ts';
import { type StudentWeights, studentOfTask } from '../../../src/artifact/student/student-weights.ts';
import type { RecommendOptions } from '../../../src/domain/answers/recommend-options.ts';
import { createStudentScorer } from '../../../src/scoring/student-scorer.ts';
import { createRecommender, type Recommender } from '../../../src/serving/answers/recommender.ts';
import { createLiveModels, type LiveModels } from '../../../src/serving/models/live-models.ts';
import { samplePackage, sampleWeights, twoTaskWeights } from '../../artifact/sample-student.ts';
import { item } from '../../helpers/store.ts';
import { ALIAS, interaction, logger, type ServingSetup, setUpServing } from '../serving-setup.ts';

const ITEMS = 60;
const SCALE = 0.5;
const weights = sampleWeights(ITEMS, 8);
const shop = twoTaskWeights(ITEMS, 6);

let setup: ServingSetup;
let live: LiveModels;
let recommender: Recommender;

/** Publishes a version with scales. */
const publish = (model: string, student: StudentWeights, scoreScale: Record<string, number>) =>
  setup.publish(model, student, (files) => {
    const sample = samplePackage(student, model);
    const draft = { ...sample.draft, scoreScale };
    for (const [name, bytes] of packStudent({ ...sample, draft })) files.set(name, bytes);
  });

beforeEach(async () => {
  setup = await setUpServing();
  await publish('movies', weights, { default: SCALE });
  await publish('shop', shop, { buy: SCALE, look: 2 });
  await setup.publish('old', weights);
  const { store, artifacts } = setup;
  await store.catalogue.putItems(
    Array.from({ length: ITEMS }, (_, i) => item(`item-${i}`, { categories: [i % 2 ? 'Odd' : 'Even'] })),
  );
  await store.interactions.add([interaction('u', 'item-3'), interaction('u', 'item-9')]);
  live = createLiveModels({ store, artifacts, logger, alias: ALIAS, pollMs: 1e9 });
  await live.start();
  recommender = createRecommender({ store, liveModels: live, now: () => 1e12 });
});
afterEach(async () => {
  await live.close();
  await setup.close();
});

const ask = (options: Partial<RecommendOptions>, userId = 'u') =>
  recommender.recommend(userId, { k: ITEMS, model: 'movies', scores: 'probability', ...options });
const sumOf = (items: readonly { score: number }[]) => items.reduce((sum, { score }) => sum + score, 0);

/** The softmax, by item, over the rows that are left. */
function softmax(isLeft: (row: number) => boolean, student = weights, scale = SCALE): Map<string, number> {
  const scores = new Float32Array(ITEMS);
  createStudentScorer(student).scoresInto([9, 3], [1, 1], scores);
  const left = [...scores.keys()].filter(isLeft);
  const total = left.reduce((sum, row) => sum + Math.exp(scale * scores[row]!), 0);
  return new Map(left.map((row) => [`item-${row}`, Math.exp(scale * scores[row]!) / total]));
}

function expectShares(items: readonly { itemId: string; score: number }[], expected: Map<string, number>) {
  for (const { itemId, score } of items) expect(score).toBeCloseTo(expected.get(itemId)!, 7);
}

describe('scores as probabilities', () => {
  test('are the softmax of the scaled scores, 1 over the whole list', async () => {
    const { items, scores } = await ask({});
    expect(scores).toBe('probability');
    expect(items).toHaveLength(ITEMS - 2);
    expect(sumOf(items)).toBeCloseTo(1, 5);
    expectShares(
      items,
      softmax((row) => row !== 3 && row !== 9),
    );
    const raw = await ask({ scores: 'raw' });
    expect(items.map(({ itemId }) => itemId)).toEqual(raw.items.map(({ itemId }) => itemId));
    expect(raw).not.toHaveProperty('scores');
  });

  test('are the same in a short list, and in one that is diversified', async () => {
    const expected = softmax((row) => row !== 3 && row !== 9);
    expectShares((await ask({ k: 3 })).items, expected);
    expectShares((await ask({ k: 5, diversity: 0.8 })).items, expected);
  });

  test('are over what is neither excluded nor filtered nor unavailable nor hidden, and over seen items with includeSeen', async () => {
    const [first] = (await ask({ k: 1 })).items;
    const out = Number(first!.itemId.slice(5));
    const unseen = (row: number) => row !== 3 && row !== 9;
    expectShares(
      (await ask({ exclude: [first!.itemId] })).items,
      softmax((row) => unseen(row) && row !== out),
    );
    expectShares(
      (await ask({ category: ['Odd'] })).items,
      softmax((row) => unseen(row) && row % 2 === 1),
    );
    expectShares(
      (await ask({ includeSeen: true })).items,
      softmax(() => true),
    );
    await setup.store.catalogue.putItems([item(first!.itemId, { hidden: true })]);
    expectShares(
      (await ask({})).items,
      softmax((row) => unseen(row) && row !== out),
    );
  });

  test('count what rules add to the scores, and leave out what they hide', async () => {
    const rule = { categories: [], model: null, position: null, from: null, until: null, createdAt: 1 };
    await setup.store.rules.add({ ...rule, id: 'rule_1', action: 'boost', items: ['item-5'], amount: 4 }, 9);
    await setup.store.rules.add(
      { ...rule, id: 'rule_2', action: 'hide', items: ['item-6'], amount: null },
      9,
    );
    const before = softmax((row) => row !== 3 && row !== 9 && row !== 6);
    const own = before.get('item-5')! * Math.exp(4 * SCALE);
    const total = 1 - before.get('item-5')! + own;
    const { items } = await ask({});
    expect(sumOf(items)).toBeCloseTo(1, 5);
    const expected = new Map([...before].map(([id, share]) => [id, share / total]));
    expectShares(items, expected.set('item-5', own / total));
    expect(items.map(({ score }) => score)).toEqual(items.map(({ score }) => score).sort((a, b) => b - a));
  });

  test('are of the task that is asked for, with its own scale', async () => {
    for (const [i, task] of ['buy', 'look'].entries()) {
      const { items } = await ask({ model: 'shop', task, includeSeen: true });
      expect(sumOf(items)).toBeCloseTo(1, 5);
      expectShares(
        items,
        softmax(() => true, studentOfTask(shop, i), i === 0 ? SCALE : 2),
      );
    }
  });

  test('of a ranked list are shares of the whole catalogue', async () => {
    const ranked = await recommender.rank(
      { userId: 'u' },
      { items: ['item-1', 'item-3'], model: 'movies', scores: 'probability' },
    );
    expect(ranked.scores).toBe('probability');
    expectShares(
      ranked.items,
      softmax(() => true),
    );
    const unknown = await recommender.rank(
      { userId: 'nobody' },
      { items: ['item-1'], model: 'movies', scores: 'probability' },
    );
    expect(unknown).toMatchObject({ scores: 'raw', source: 'popularity' });
  });

  test('are not given by popularity, which says so and fills nothing up', async () => {
    expect(await ask({ k: 3 }, 'nobody')).toMatchObject({ scores: 'raw', source: 'popularity' });
    const filtered = await ask({ k: 5, filter: 'itemId in ["item-1", "item-2"]' });
    expect(filtered).toMatchObject({ scores: 'probability', source: 'student' });
    expect(filtered.items).toHaveLength(2);
    expect(sumOf(filtered.items)).toBeCloseTo(1, 5);
  });

  test('are refused where the version has no scale, whoever is asked for', async () => {
    const refusal = {
      code: 'invalid-request',
      detail: expect.stringMatching(/scores must be raw for version 1 of model old, which has no scale/),
    };
    await expect(ask({ model: 'old' })).rejects.toMatchObject(refusal);
    await expect(ask({ model: 'old' }, 'nobody')).rejects.toMatchObject(refusal);
    await expect(
      recommender.rank({ userId: 'u' }, { items: ['item-1'], model: 'old', scores: 'probability' }),
    ).rejects.toMatchObject(refusal);
  });
});
