import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { studentOfTask } from '../../src/artifact/student/student-weights.ts';
import type { RecommendOptions } from '../../src/domain/answers/recommend-options.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import { createRecommender, type Recommender } from '../../src/serving/answers/recommender.ts';
import { createChanges } from '../../src/serving/caches/changes.ts';
import { createLiveModels, type LiveModels } from '../../src/serving/models/live-models.ts';
import { sampleWeights, twoTaskWeights } from '../artifact/sample-student.ts';
import { ALIAS, interaction, logger, type ServingSetup, setUpServing } from './serving-setup.ts';

const ITEMS = 40;
const weights = twoTaskWeights(ITEMS, 6);

let setup: ServingSetup;
let live: LiveModels;
let recommender: Recommender;

beforeEach(async () => {
  setup = await setUpServing();
  await setup.publish('shop', weights);
  await setup.store.interactions.add([
    interaction('u', 'item-3', { type: 'buy' }),
    interaction('u', 'item-9', { type: 'view' }),
  ]);
  const { store, artifacts } = setup;
  live = createLiveModels({ store, artifacts, logger, alias: ALIAS, pollMs: 1e9 });
  await live.start();
  const changes = createChanges({
    publish: async () => {},
    subscribe: () => () => {},
    listening: () => true,
    onGap: () => () => {},
  });
  recommender = createRecommender({ store, liveModels: live, now: () => 1e12, changes });
});
afterEach(async () => {
  await live.close();
  await setup.close();
});

/** What the student with this head alone says of a history of items 3 and 9. */
function ranking(task: number, k: number, without: number[]): string[] {
  const scorer = createStudentScorer(studentOfTask(weights, task));
  const best = scorer.recommend([9, 3], [1, 1], k, without);
  return Array.from(best.rows.subarray(0, best.length), (row) => `item-${row}`);
}

const ask = async (options: Partial<RecommendOptions>) => {
  const { items, model } = await recommender.recommend('u', { k: 5, ...options });
  return { ids: items.map(({ itemId }) => itemId), task: model!.task };
};

describe('a version that was published a moment ago', () => {
  test('answers for its task, whichever version was known before', async () => {
    await setup.publish('grown', sampleWeights(ITEMS, 6));
    await live.refresh();
    const ask = (options: Partial<RecommendOptions>) => recommender.recommend('u', { k: 3, ...options });
    expect((await ask({ model: 'grown' })).model).toMatchObject({ version: 1 });
    await setup.publish('grown', weights);
    expect((await ask({ model: 'grown', task: 'buy' })).model).toMatchObject({ version: 2, task: 'buy' });
    const asked = { items: ['item-1'], model: 'later', task: 'buy' };
    await setup.publish('later', weights);
    expect((await recommender.rank({ userId: 'u' }, asked)).model).toMatchObject({
      name: 'later',
      task: 'buy',
    });
    await expect(ask({ model: 'grown', task: 'rent' })).rejects.toMatchObject({
      code: 'invalid-request',
      detail: 'task must be one of buy, look, which model grown has; got "rent".',
    });
    await expect(ask({ model: 'never' })).rejects.toMatchObject({ code: 'not-found' });
  });

  test('answers the plain question too', async () => {
    await setup.publish('sudden', weights);
    const timing = { history: 0, vector: 0, scan: 0 };
    await recommender.recommend('u', { k: 3 });
    expect(await recommender.quick('u', 3, 'sudden', timing)).toBeNull();
    expect((await recommender.recommend('u', { k: 3, model: 'sudden' })).model).toMatchObject({ version: 1 });
  });
});

describe('a student with two tasks', () => {
  test('answers the first one by default and the other by name, leaving out what was done of it', async () => {
    expect(await ask({})).toEqual({ task: 'buy', ids: ranking(0, 5, [3]) });
    expect(await ask({ task: 'buy' })).toEqual({ task: 'buy', ids: ranking(0, 5, [3]) });
    expect(await ask({ task: 'look' })).toEqual({ task: 'look', ids: ranking(1, 5, [9]) });
    expect(ranking(0, 5, [3])).not.toEqual(ranking(1, 5, [9]));
  });

  test('leaves out what the caller says is seen, whatever the task', async () => {
    expect((await ask({ task: 'look', seenTypes: ['buy'] })).ids).toEqual(ranking(1, 5, [3]));
    expect((await ask({ task: 'look', includeSeen: true })).ids).toEqual(ranking(1, 5, []));
  });

  test('gives the quick answer of its first task too', async () => {
    await ask({});
    const quick = await recommender.quick('u', 5, undefined, { history: 0, vector: 0, scan: 0 });
    const { items, model } = JSON.parse(quick!.json);
    expect(items.map(({ itemId }: { itemId: string }) => itemId)).toEqual(ranking(0, 5, [3]));
    expect(model.task).toBe('buy');
  });

  test('ranks a list and gives reasons by task', async () => {
    const items = ['item-1', 'item-2', 'item-5', 'item-8', 'item-13'];
    const ranked = await recommender.rank({ userId: 'u' }, { items, task: 'look' });
    const all = ranking(1, ITEMS, []).filter((id) => items.includes(id));
    expect(ranked.items.map(({ itemId }) => itemId)).toEqual(all);
    expect(ranked.model!.task).toBe('look');
    const explained = await recommender.recommend('u', { k: 3, task: 'look', explain: true });
    const scorer = createStudentScorer(studentOfTask(weights, 1));
    const [first] = explained.items;
    const row = Number(first!.itemId.slice(5));
    const score = (history: number[]) => {
      const out = new Float32Array(1);
      scorer.kernel.scoresOf(
        scorer.userVector(
          history,
          history.map(() => 1),
        ),
        [row],
        out,
      );
      return out[0]!;
    };
    for (const { itemId, contribution } of first!.because!) {
      const left = [9, 3].filter((item) => `item-${item}` !== itemId);
      expect(contribution).toBeCloseTo(score([9, 3]) - score(left), 4);
    }
  });

  test('refuses a task that it does not have, naming those that it has', async () => {
    await expect(ask({ task: 'rate' })).rejects.toMatchObject({
      code: 'invalid-request',
      detail: expect.stringContaining('buy, look'),
    });
  });
});
