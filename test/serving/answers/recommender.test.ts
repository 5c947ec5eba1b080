import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RuleOutcome } from '../../../src/domain/releases/promotion.ts';
import { createStudentScorer } from '../../../src/scoring/student-scorer.ts';
import { createRecommender, type Recommender } from '../../../src/serving/answers/recommender.ts';
import { createLiveModels, type LiveModels } from '../../../src/serving/models/live-models.ts';
import type { Store } from '../../../src/store/store.ts';
import { sampleWeights } from '../../artifact/sample-student.ts';
import { item, newVersion } from '../../helpers/store.ts';
import { ALIAS, interaction, logger, type ServingSetup, setUpServing, truncate } from '../serving-setup.ts';

const ITEMS = 30;
const weights = sampleWeights(ITEMS, 8);
const REFUSED: RuleOutcome = {
  rule: 'control',
  value: -0.05,
  limit: 0,
  passed: false,
  decided: 'interval',
  text: 'Not passed.',
};
const NOW = Date.parse('2026-06-01T00:00:00Z');

let setup: ServingSetup;
let store: Store;
let live: LiveModels;
let recommender: Recommender;
let time: number;
let questions: string[];

beforeEach(async () => {
  setup = await setUpServing();
  store = setup.store;
  time = NOW;
  questions = [];
});
afterEach(async () => {
  await live.close();
  await setup.close();
});

async function serve() {
  live = createLiveModels({ store, artifacts: setup.artifacts, logger, alias: ALIAS, pollMs: 1_000_000 });
  await live.start();
  const counted = {
    interactions: counting(store.interactions),
    catalogue: counting(store.catalogue),
    rules: counting(store.rules),
    policies: counting(store.policies),
    users: store.users,
    popularity: store.popularity,
    exports: store.exports,
  };
  recommender = createRecommender({ store: counted, liveModels: live, unlisted: 'always', now: () => time });
}

function counting<T extends object>(part: T): T {
  return new Proxy(part, {
    get(target, name) {
      questions.push(String(name));
      return Reflect.get(target, name);
    },
  });
}

async function serveModel() {
  await setup.publish('movies', weights);
  await serve();
}

/** What a naive reading of the model says, without the rows given. */
function expected(rows: number[], k: number, without: number[] = rows): string[] {
  const best = createStudentScorer(weights).recommend(
    rows,
    rows.map(() => 1),
    k,
    without,
  );
  return [...best.rows.subarray(0, best.length)].map((row) => `item-${row}`);
}

const ids = async (userId: string, options: Parameters<Recommender['recommend']>[1]) =>
  (await recommender.recommend(userId, options)).items.map(({ itemId }) => itemId);

describe('a user with a history', () => {
  test('is answered by the student, best first, without what they have seen', async () => {
    await store.interactions.add([interaction('u', 'item-3'), interaction('u', 'item-9')]);
    await serveModel();
    const answer = await recommender.recommend('u', { k: 5 });
    expect(answer).toMatchObject({
      userId: 'u',
      source: 'student',
      model: { name: 'movies', version: 1, task: 'default' },
    });
    expect(answer.reason).toBeUndefined();
    expect(answer.items.map(({ itemId }) => itemId)).toEqual(expected([3, 9], 5));
    const scores = answer.items.map(({ score }) => score);
    expect(scores).toEqual([...scores].sort((a, b) => b - a));
  });

  test('gets an answer from an interaction that was stored a moment ago', async () => {
    await serveModel();
    expect((await recommender.recommend('new', { k: 5 })).source).toBe('popularity');
    await store.interactions.add([interaction('new', 'item-4')]);
    expect(await ids('new', { k: 5 })).toEqual(expected([4], 5));
  });

  test('gets seen items too with includeSeen', async () => {
    await store.interactions.add([interaction('u', 'item-3')]);
    await serveModel();
    expect(await ids('u', { k: ITEMS, includeSeen: true })).toEqual(expected([3], ITEMS, []));
  });

  test('does not get items back that they disliked, which do not weigh either', async () => {
    const dislike = interaction('u', 'item-9', { type: 'rating', value: 1 });
    await store.interactions.add([interaction('u', 'item-3'), dislike]);
    await serveModel();
    expect(await ids('u', { k: ITEMS })).toEqual(expected([3], ITEMS, [3, 9]));
  });

  test('is not disturbed by items that the model does not know', async () => {
    await store.interactions.add([interaction('u', 'brand-new'), interaction('u', 'item-3')]);
    await serveModel();
    expect(await ids('u', { k: 5 })).toEqual(expected([3], 5));
  });

  test('gets what there is when k is larger than the catalogue', async () => {
    await store.interactions.add([interaction('u', 'item-3')]);
    await serveModel();
    expect(await ids('u', { k: 1000 })).toHaveLength(ITEMS - 1);
  });

  test('gets nothing, said to be from the student, when everything is seen', async () => {
    await store.interactions.add(Array.from({ length: ITEMS }, (_, i) => interaction('u', `item-${i}`)));
    await serveModel();
    expect(await recommender.recommend('u', { k: 5 })).toMatchObject({ items: [], source: 'student' });
  });

  test('reads beyond many interactions with one item, also where they are more than one read gives', async () => {
    const old = Array.from({ length: 10 }, (_, i) => interaction('u', `item-${i}`, { timestamp: 1000 + i }));
    const newer = Array.from({ length: 2_100 }, (_, i) =>
      interaction('u', 'item-20', { timestamp: 5000 + i }),
    );
    await store.interactions.add([...old, ...newer]);
    await serveModel();
    const history = [20, ...Array(10).keys()];
    expect(await ids('u', { k: ITEMS })).toEqual(expected(history, ITEMS, history));
  });

  test('each answer has an id of its own', async () => {
    await serveModel();
    const [a, b] = await Promise.all([
      recommender.recommend('u', { k: 1 }),
      recommender.recommend('u', { k: 1 }),
    ]);
    expect(a.recommendationId).toMatch(/^[0-9a-f-]{36}$/);
    expect(a.recommendationId).not.toBe(b.recommendationId);
  });

  test('many users at once get their own answers', async () => {
    const users = Array.from({ length: 20 }, (_, i) => i);
    await store.interactions.add(users.map((i) => interaction(`u${i}`, `item-${i}`)));
    await serveModel();
    const answers = await Promise.all(users.map((i) => ids(`u${i}`, { k: 5 })));
    expect(answers).toEqual(users.map((i) => expected([i], 5)));
  });
});

describe('the catalogue', () => {
  test('gives titles where it has them, at once when they change', async () => {
    await store.interactions.add([interaction('u', 'item-3')]);
    const [first, second] = expected([3], 2);
    await store.catalogue.putItems([item(first, { title: 'Toy Story' })]);
    await serveModel();
    const { items } = await recommender.recommend('u', { k: 2 });
    expect(items.map(({ title }) => title)).toEqual(['Toy Story', undefined]);
    expect(Object.hasOwn(items[1], 'title')).toBe(false);
    await store.catalogue.putItems([item(second, { title: 'Heat' })]);
    expect((await recommender.recommend('u', { k: 2 })).items[1].title).toBe('Heat');
  });

  test('takes hidden items out at once, and gives them back at once', async () => {
    await store.interactions.add([interaction('u', 'item-3')]);
    await serveModel();
    const [first, second, third] = await ids('u', { k: 3 });
    await store.catalogue.putItems([item(first, { hidden: true })]);
    expect(await ids('u', { k: 2 })).toEqual([second, third]);
    await store.catalogue.putItems([item(first)]);
    expect(await ids('u', { k: 2 })).toEqual([first, second]);
  });

  test('opens and closes windows of availability by the clock alone', async () => {
    await store.interactions.add([interaction('u', 'item-3')]);
    await serveModel();
    const [first, second, third] = await ids('u', { k: 3 });
    await store.catalogue.putItems([item(first, { availableFrom: NOW + 1000, availableUntil: NOW + 2000 })]);
    const at = (later: number) => {
      time = NOW + later;
      return ids('u', { k: 2 });
    };
    expect(await at(0)).toEqual([second, third]);
    expect(await at(999)).toEqual([second, third]);
    expect(await at(1000)).toEqual([first, second]);
    expect(await at(1999)).toEqual([first, second]);
    expect(await at(2000)).toEqual([second, third]);
    expect(await at(1500)).toEqual([first, second]);
  });

  test('is asked four short questions per request once titles are known', async () => {
    await store.interactions.add([interaction('u', 'item-3')]);
    await serveModel();
    await recommender.recommend('u', { k: 10 });
    questions = [];
    await recommender.recommend('u', { k: 10 });
    expect(questions.sort()).toEqual(['history', 'itemsRevision', 'list', 'list']);
  });
});

describe('popularity answers, and says why,', () => {
  const byPopularity = [...createStudentScorer(weights).popularityOrder].map((row) => `item-${row}`);

  test('for an unknown user: the most popular items of the training', async () => {
    await serveModel();
    const answer = await recommender.recommend('nobody', { k: 4 });
    expect(answer).toMatchObject({
      source: 'popularity',
      reason: 'no interaction of this user is known',
      model: { name: 'movies', version: 1 },
    });
    expect(answer.items.map(({ itemId }) => itemId)).toEqual(byPopularity.slice(0, 4));
  });

  test.each([
    ['whose items the model does not know', interaction('u', 'brand-new')],
    ['whose interactions weigh nothing', interaction('u', byPopularity[0], { type: 'rating', value: 2 })],
  ])('for a user %s, still without what they have seen', async (_what, row) => {
    await store.interactions.add([row]);
    await serveModel();
    const answer = await recommender.recommend('u', { k: 3 });
    expect(answer.source).toBe('popularity');
    expect(answer.reason).toContain("none of the user's interactions counts for model movies");
    const left = byPopularity.filter((id) => id !== row.itemId);
    expect(answer.items.map(({ itemId }) => itemId)).toEqual(left.slice(0, 3));
  });

  test('without hidden items', async () => {
    await store.catalogue.putItems([item(byPopularity[1], { hidden: true })]);
    await serveModel();
    expect(await ids('nobody', { k: 2 })).toEqual([byPopularity[0], byPopularity[2]]);
  });

  test('before there is a model: by the interactions stored so far', async () => {
    await store.interactions.add([
      ...['a', 'b', 'c'].map((user) => interaction(user, 'hit')),
      ...['a', 'b'].map((user) => interaction(user, 'second')),
      interaction('a', 'third'),
    ]);
    await store.catalogue.putItems([item('second', { hidden: true }), item('third', { title: 'Third' })]);
    await serve();
    const answer = await recommender.recommend('nobody', { k: 2 });
    expect(answer).toMatchObject({
      source: 'popularity',
      model: null,
      reason: 'there is no usable model yet',
    });
    expect(answer.items).toEqual([
      { itemId: 'hit', score: 3 },
      { itemId: 'third', score: 1, title: 'Third' },
    ]);
    expect(await ids('c', { k: 2 })).toEqual(['third']);
    expect(await ids('c', { k: 2, includeSeen: true })).toEqual(['hit', 'third']);
  });

  test('when the only version is damaged', async () => {
    await setup.publish('movies', weights, truncate('items.json'));
    await store.interactions.add([interaction('u', 'item-1'), interaction('v', 'item-2')]);
    await serve();
    const answer = await recommender.recommend('u', { k: 5, model: 'movies' });
    expect(answer).toMatchObject({
      source: 'popularity',
      model: null,
      reason:
        'model movies has no usable version: version 1 cannot be loaded; only 1 item can be recommended',
      reasonCode: 'no-usable-version',
    });
    expect(answer.items.map(({ itemId }) => itemId)).toEqual(['item-2']);
  });

  test('when both versions are damaged, of which it names each', async () => {
    await setup.publish('movies', weights, truncate('items.json'));
    await setup.publish('movies', weights, truncate('items.json'));
    await serve();
    const both = 'model movies has no usable version: versions 2 and 1 cannot be loaded';
    expect(await recommender.recommend('u', { k: 1 })).toMatchObject({
      reason: `there is no usable model yet: ${both}; no item can be recommended`,
      reasonCode: 'no-model',
    });
    expect(live.status('movies', 1)).toMatchObject({ state: 'refused', reason: /items\.json/ });
  });

  test.each([
    ['its gate has refused', 'version 1 of movies waits as candidate: its gate refused it (control)'],
    ['has lost its alias', 'no version of movies has the alias stable; its newest is version 1'],
  ])('when the only version %s', async (what, reason) => {
    const gate = { comparedWith: null, foundUnder: null, rules: [REFUSED], merit: 0.1 };
    if (what === 'has lost its alias') {
      await setup.publish('movies', weights);
      await store.models.removeAlias('movies', ALIAS, (await store.models.alias('movies', ALIAS))!);
    } else {
      await store.models.publish(newVersion({ gate }), { alias: ALIAS, isOff: false });
    }
    const titled = (id: string, title: string) => item(id, { title });
    await store.catalogue.putItems([titled('a', 'Heat'), titled('b', 'Heat'), titled('c', 'Alien')]);
    await store.interactions.add([interaction('v', 'a')]);
    await serve();
    const asked = { k: 1, model: 'movies' };
    const said = { reason, reasonCode: 'no-usable-version', model: null };
    expect(await recommender.recommend('u', asked)).toMatchObject({ source: 'popularity', ...said });
    expect((await recommender.recommend('u', { k: 1 })).reason).toBe(
      `there is no usable model yet: ${reason}`,
    );
    expect(await recommender.similar('a', asked)).toMatchObject({ source: 'catalogue', ...said });
    const ranked = await recommender.rank({ userId: 'u' }, { items: ['b', 'a'], model: 'movies' });
    expect(ranked).toMatchObject({
      source: 'popularity',
      items: [{ itemId: 'a' }, { itemId: 'b' }],
      ...said,
    });
    await expect(recommender.similarUsers('u', asked)).rejects.toMatchObject({
      code: 'not-found',
      detail: `Similar users come from a model, and ${reason}.`,
    });
    await expect(recommender.labels({ model: 'movies', k: 1, items: ['a'] })).rejects.toMatchObject({
      code: 'not-found',
      detail: `No labels can be predicted: ${reason}.`,
    });
    await expect(recommender.recommend('u', { k: 1, model: 'films' })).rejects.toMatchObject({
      detail: 'there is no model "films"; there are: movies',
    });
  });

  test('with nothing at all when there is neither a model nor an interaction', async () => {
    await serve();
    expect(await recommender.recommend('u', { k: 5 })).toMatchObject({
      items: [],
      source: 'popularity',
      model: null,
      reason: 'there is no usable model yet; no item can be recommended',
    });
  });

  test('but with strict=true it is not found instead', async () => {
    await serveModel();
    await expect(recommender.recommend('nobody', { k: 5, strict: true })).rejects.toMatchObject({
      code: 'not-found',
      detail: 'strict=true, and no interaction of this user is known',
    });
    await store.interactions.add([interaction('u', 'item-1')]);
    expect((await recommender.recommend('u', { k: 5, strict: true })).source).toBe('student');
  });

  test('not for a model that does not exist: that is not found', async () => {
    await serveModel();
    await expect(recommender.recommend('u', { k: 5, model: 'films' })).rejects.toMatchObject({
      code: 'not-found',
      detail: 'there is no model "films"; there are: movies',
    });
  });
});
