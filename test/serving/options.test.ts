import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import type { RecommendOptions } from '../../src/domain/answers/recommend-options.ts';
import type { StoredRule } from '../../src/domain/answers/rule.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import { createRecommender, type Recommender } from '../../src/serving/answers/recommender.ts';
import { createChanges } from '../../src/serving/caches/changes.ts';
import { createLiveModels, type LiveModels } from '../../src/serving/models/live-models.ts';
import { sampleWeights } from '../artifact/sample-student.ts';
import { item } from '../helpers/store.ts';
import { ALIAS, interaction, logger, type ServingSetup, setUpServing } from './serving-setup.ts';

const ITEMS = 60;
const weights = sampleWeights(ITEMS, 8);
const other = sampleWeights(ITEMS, 8, 2);
const NOW = Date.parse('2026-06-01T00:00:00Z');

let setup: ServingSetup;
let live: LiveModels;
let recommender: Recommender;
let time: number;

beforeEach(async () => {
  time = NOW;
  setup = await setUpServing();
  await setup.publish('movies', weights);
  const films = Array.from({ length: ITEMS }, (_, i) =>
    item(`item-${i}`, {
      title: `Film ${i}`,
      categories: [i % 2 ? 'Odd' : 'Even', ...(i < 3 ? ['Rare'] : [])],
      features: { number: i },
    }),
  );
  await setup.store.catalogue.putItems(films);
  await setup.store.interactions.add([
    interaction('u', 'item-3'),
    interaction('u', 'item-9', { type: 'view' }),
  ]);
  live = createLiveModels({
    store: setup.store,
    artifacts: setup.artifacts,
    logger,
    alias: ALIAS,
    pollMs: 1e9,
  });
  await live.start();
  recommender = createRecommender({ store: setup.store, liveModels: live, now: () => time });
});
afterEach(async () => {
  await live.close();
  await setup.close();
});

const ask = (options: Partial<RecommendOptions>, userId = 'u') =>
  recommender.recommend(userId, { k: 5, ...options });
const ids = async (options: Partial<RecommendOptions>, userId?: string) =>
  (await ask(options, userId)).items.map(({ itemId }) => itemId);
const numberOf = (itemId: string) => Number(itemId.slice(5));

/** All rows, best first, without the seen ones. */
function ranking(without: number[] = [3, 9]): string[] {
  const best = createStudentScorer(weights).recommend([3, 9], [1, 1], ITEMS, without);
  return Array.from(best.rows.subarray(0, best.length), (row) => `item-${row}`);
}

describe('which items', () => {
  test('exclude leaves items out and ignores unknown ones', async () => {
    const [first, second, ...rest] = ranking();
    expect(await ids({ exclude: [first!, second!, 'never-heard-of'] })).toEqual(rest.slice(0, 5));
  });

  test('category lets any of the categories pass, and the order is the same', async () => {
    const odd = ranking().filter((id) => numberOf(id) % 2);
    expect(await ids({ category: ['Odd'] })).toEqual(odd.slice(0, 5));
    const either = ranking().filter((id) => numberOf(id) % 2 || numberOf(id) < 3);
    expect(await ids({ category: ['Odd', 'Rare'] })).toEqual(either.slice(0, 5));
  });

  test('filter and category hold together', async () => {
    const wanted = ranking().filter((id) => numberOf(id) % 2 && numberOf(id) >= 20 && numberOf(id) <= 30);
    expect(await ids({ category: ['Odd'], filter: 'number in 20..30', k: 3 })).toEqual(wanted.slice(0, 3));
  });

  test('follow the catalogue at once', async () => {
    const [first] = await ids({ category: ['Odd'] });
    await setup.store.catalogue.putItems([item(first!, { categories: ['Even'] })]);
    expect(await ids({ category: ['Odd'] })).not.toContain(first);
  });

  test('a filter that few pass makes the list short, and says so', async () => {
    const answer = await ask({ filter: 'number in 20..21' });
    expect(answer).toMatchObject({
      source: 'student',
      reason: 'only 2 items fit category and filter',
      reasonCode: 'few-fit',
    });
    expect(answer.items).toHaveLength(2);
    const strict = await ask({ filter: 'number in 20..21', strict: true });
    expect(strict).toMatchObject({ source: 'student', reasonCode: 'few-fit' });
    expect(strict.reason).toBe('the student has only 2 items that fit category and filter');
    expect(await ask({ filter: 'number in 900..901' })).toMatchObject({
      items: [],
      reason: 'no item fits category and filter',
    });
  });

  test('fill=true pads with popular items, each marked, and none that may not be shown', async () => {
    await setup.store.interactions.add(['a', 'b'].map((user) => interaction(user, 'item-30')));
    await setup.store.catalogue.putItems([item('item-31', { hidden: true })]);
    const answer = await ask({ filter: 'number in 20..21', fill: true, k: ITEMS });
    const sources = answer.items.map(({ source }) => source);
    expect(sources.slice(0, 3)).toEqual(['student', 'student', 'padding']);
    expect(new Set(sources.slice(2))).toEqual(new Set(['padding']));
    const shown = answer.items.map(({ itemId }) => itemId);
    expect(shown[2]).toBe('item-30');
    // All but the hidden one and the two that were seen.
    expect(new Set(shown).size).toBe(ITEMS - 3);
    for (const left of ['item-31', 'item-3', 'item-9']) expect(shown).not.toContain(left);
    expect(answer.reasonCode).toBe('padded');
    for (const against of [{ strict: true }, { scores: 'probability' as const }]) {
      await expect(ask({ fill: true, ...against })).rejects.toMatchObject({ code: 'invalid-request' });
    }
  });

  test('items that the model does not know take the places that its own leave free', async () => {
    await setup.store.catalogue.putItems([
      item('fresh', { categories: ['Rare'], title: 'Fresh' }),
      item('taken', { categories: ['Rare'] }),
    ]);
    await setup.store.interactions.add([interaction('x', 'taken')]);
    const answer = await ask({ category: ['Rare'], k: 5, exclude: ['item-0'] });
    expect(answer.items.map(({ itemId, source }) => [itemId, source])).toEqual([
      ...ranking()
        .filter((id) => ['item-1', 'item-2'].includes(id))
        .map((id) => [id, 'student']),
      ['taken', 'popularity'],
      ['fresh', 'latest'],
    ]);
    expect(answer.reasonCode).toBe('few-fit');
    expect((await ask({ category: ['Rare'], k: 4, exclude: ['item-0'] })).reasonCode).toBe('few-personal');
    // The whole catalogue has turned over: what is there comes, and nothing of before.
    const gone = Array.from({ length: ITEMS }, (_, i) => item(`item-${i}`, { hidden: true }));
    await setup.store.catalogue.putItems(gone);
    expect(await ids({})).toEqual(['taken', 'fresh']);
    expect(await ids({}, 'nobody')).toEqual(['taken', 'fresh']);
  });

  test('a filter holds for popular items too', async () => {
    const answer = await ask({ filter: 'number < 10', k: 4 }, 'nobody');
    expect(answer.source).toBe('popularity');
    expect(answer.items.every(({ itemId }) => numberOf(itemId) < 10)).toBe(true);
  });

  test('seenTypes says which interactions make an item seen; the taste stays the same', async () => {
    expect(await ids({ k: ITEMS, seenTypes: ['view'] })).toEqual(ranking([9]));
    expect(await ids({ k: ITEMS, seenTypes: ['purchase'] })).toEqual(ranking([]));
  });

  test('k beyond the catalogue gives the catalogue', async () => {
    expect(await ids({ k: 1000, includeSeen: true })).toHaveLength(ITEMS);
  });
});

describe('which model', () => {
  test('version answers from that version, by number or alias, although another one is live', async () => {
    await setup.publish('movies', other);
    await setup.store.models.setAlias('movies', 'trial', 2);
    const first = await ids({});
    for (const version of ['2', 'trial']) {
      const answer = await ask({ version });
      expect(answer.model).toMatchObject({ name: 'movies', version: 2 });
      expect(answer.items.map(({ itemId }) => itemId)).not.toEqual(first);
    }
    expect((await ask({})).model?.version).toBe(1);
  });

  test.each([
    [{ version: '9' }, 'the model "movies" has no version 9'],
    [{ version: 'trial' }, 'the model "movies" has no alias "trial"'],
  ])('%j is not found', async (options, detail) => {
    await expect(ask(options)).rejects.toMatchObject({ code: 'not-found', detail });
  });

  test('task must be one that the model has', async () => {
    expect((await ask({ task: 'default' })).model?.task).toBe('default');
    await expect(ask({ task: 'clicks' })).rejects.toMatchObject({
      code: 'invalid-request',
      detail: 'task must be one of default, which model movies has; got "clicks".',
    });
  });
});

describe('how', () => {
  test('fields says what of the catalogue to show', async () => {
    const [plain] = (await ask({ k: 1 })).items;
    expect(Object.keys(plain!).sort()).toEqual(['itemId', 'score', 'title']);
    const [full] = (await ask({ k: 1, fields: ['categories', 'features'] })).items;
    expect(full).toMatchObject({ features: { number: numberOf(full!.itemId) } });
    expect(full!.categories![0]).toBe(numberOf(full!.itemId) % 2 ? 'Odd' : 'Even');
    expect(full).not.toHaveProperty('title');
  });

  test('explain names the own items that raised each score, by how much', async () => {
    const { items } = await ask({ explain: true, k: ITEMS });
    const scorer = createStudentScorer(weights);
    const all = new Float32Array(ITEMS);
    const without9 = new Float32Array(ITEMS);
    scorer.scoresInto([3, 9], [1, 1], all);
    scorer.scoresInto([3], [1], without9);
    for (const { itemId, because } of items) {
      const expected = all[numberOf(itemId)]! - without9[numberOf(itemId)]!;
      const found = because!.find((reason) => reason.itemId === 'item-9')?.contribution;
      if (expected > 0.001) expect(found).toBeCloseTo(expected, 4);
      if (expected < 0) expect(found).toBeUndefined();
      expect(because!.every((reason) => ['item-3', 'item-9'].includes(reason.itemId))).toBe(true);
    }
    expect(items.some(({ because }) => because!.length > 0)).toBe(true);
  });

  test('diversity makes a list whose items are less alike, and 0 changes nothing', async () => {
    const likeness = (list: string[]) => {
      const { q, width } = weights.itemsOut;
      const vector = (id: string) => Array.from(q.subarray(numberOf(id) * width, (numberOf(id) + 1) * width));
      const unit = (v: number[]) => v.map((x) => x / Math.hypot(...v));
      let sum = 0;
      for (const a of list) {
        for (const b of list) {
          if (a !== b) sum += unit(vector(a)).reduce((dot, x, i) => dot + x * unit(vector(b))[i]!, 0);
        }
      }
      return sum;
    };
    const plain = await ids({ k: 10 });
    expect(await ids({ k: 10, diversity: 0 })).toEqual(plain);
    const diverse = await ids({ k: 10, diversity: 0.7 });
    expect(diverse[0]).toBe(plain[0]);
    expect(likeness(diverse)).toBeLessThan(likeness(plain));
  });
});

let count = 0;
const rule = (more: Partial<StoredRule>) =>
  setup.store.rules.add(
    {
      id: `rule_${++count}`,
      action: 'hide',
      items: [],
      categories: [],
      model: null,
      position: null,
      amount: null,
      from: null,
      until: null,
      createdAt: count,
      ...more,
    },
    100,
  );

describe('rules', () => {
  test('hide items and whole categories', async () => {
    const [first] = ranking();
    await rule({ items: [first!] });
    await rule({ categories: ['Odd'] });
    const expected = ranking().filter((id) => id !== first && numberOf(id) % 2 === 0);
    expect(await ids({ k: ITEMS })).toEqual(expected);
    const popular = await ids({ k: ITEMS }, 'nobody');
    expect(popular.some((id) => id === first || numberOf(id) % 2)).toBe(false);
  });

  test('boost: the answer is that of a ranking by the boosted scores', async () => {
    const amount = 2.5;
    await rule({ action: 'boost', categories: ['Odd'], amount });
    await rule({ action: 'boost', items: ['item-4'], amount: -100 });
    const scores = new Float32Array(ITEMS);
    createStudentScorer(weights).scoresInto([3, 9], [1, 1], scores);
    const boosted = Array.from(scores, (score, row) => ({
      id: `item-${row}`,
      score: Math.fround(score + (row % 2 ? amount : 0) + (row === 4 ? -100 : 0)),
    }));
    const expected = boosted
      .filter(({ id }) => id !== 'item-3' && id !== 'item-9')
      .sort((a, b) => b.score - a.score);
    expect(await ids({ k: ITEMS })).toEqual(expected.map(({ id }) => id));
    expect((await ids({ k: ITEMS })).at(-1)).toBe('item-4');
    expect(await ids({ k: 4 })).toEqual(expected.slice(0, 4).map(({ id }) => id));
  });

  test('pin: the item stands at its place, for everybody, and says that it is from a rule', async () => {
    await rule({ action: 'pin', items: ['item-3', 'brand-new'], position: 2 });
    const answer = await ask({});
    const [first, second] = ranking();
    expect(answer.items.map(({ itemId }) => itemId)).toEqual([
      first,
      'item-3',
      'brand-new',
      second,
      ranking()[2],
    ]);
    expect(answer).toMatchObject({ source: 'mixed' });
    expect(answer.items[1]!.source).toBe('rules');
    expect((await ids({}, 'nobody'))[1]).toBe('item-3');
    expect(await ids({ exclude: ['item-3'] })).not.toContain('item-3');
    // A pin breaks no filter.
    expect(await ids({ category: ['Even'] })).not.toContain('item-3');
    expect((await ids({ category: ['Odd'] }))[1]).toBe('item-3');
    await setup.store.catalogue.putItems([item('item-3', { hidden: true })]);
    expect(await ids({})).not.toContain('item-3');
  });

  test('hold within their window, and for their model', async () => {
    const [first, second] = ranking();
    await rule({ items: [first!], from: NOW + 1000, until: NOW + 2000 });
    await rule({ items: [second!], model: 'books' });
    const at = (later: number) => {
      time = NOW + later;
      return ids({ k: 2 });
    };
    expect(await at(999)).toEqual([first, second]);
    expect(await at(1000)).toEqual([second, ranking()[2]]);
    expect(await at(2000)).toEqual([first, second]);
  });
});

describe('one recommender that is asked one thing after the other', () => {
  /** It may trust its caches: all changes are heard of. */
  const createTrusting = () =>
    createRecommender({
      store: setup.store,
      liveModels: live,
      now: () => time,
      changes: createChanges({
        publish: async () => {},
        subscribe: () => () => {},
        listening: () => true,
        onGap: () => () => {},
      }),
    });

  test('answers each question as a recommender does that was asked nothing before', async () => {
    await setup.publish('movies', other);
    await setup.store.interactions.add([interaction('v', 'item-20'), interaction('v', 'item-41')]);
    const questions: Partial<RecommendOptions>[] = [
      {},
      { category: ['Odd'] },
      { category: ['Even'] },
      { category: ['Odd', 'Rare'] },
      { filter: 'number < 30' },
      { filter: 'number >= 30' },
      { category: ['Odd'], filter: 'number < 30' },
      { category: ['Odd'], filter: 'number >= 30' },
      { category: ['Even'], filter: 'number < 30' },
      { filter: 'number in 20..21' },
      { filter: 'number in 20..21', strict: true },
      { exclude: [ranking()[0]!] },
      { includeSeen: true },
      { seenTypes: ['view'] },
      { diversity: 0.7 },
      { explain: true },
      { fields: ['categories'] },
      { version: '2' },
      { version: '2', category: ['Odd'] },
      { k: 12 },
    ];
    const asked = createTrusting();
    const answers = new Set<string>();
    const orders = [questions, questions.toReversed()];
    for (const [options, userId] of orders
      .flat()
      .flatMap((one) => [[one, 'u'] as const, [one, 'v'] as const])) {
      const fresh = createRecommender({ store: setup.store, liveModels: live, now: () => time });
      const [found, expected] = await Promise.all(
        [asked, fresh].map((each) => each.recommend(userId, { k: 5, ...options })),
      );
      expect({ ...found, recommendationId: '' }, JSON.stringify(options)).toEqual({
        ...expected,
        recommendationId: '',
      });
      answers.add(JSON.stringify({ ...found, recommendationId: '' }));
    }
    // Hardly two of them are alike, so that one would not pass for another.
    expect(answers.size).toBeGreaterThan(1.5 * questions.length);
  });

  test('a rule on a category follows an item into it and out of it', async () => {
    await rule({ categories: ['Odd'] });
    const asked = createTrusting();
    const shown = async () => (await asked.recommend('u', { k: ITEMS })).items.map(({ itemId }) => itemId);
    const even = ranking().filter((id) => numberOf(id) % 2 === 0);
    expect(await shown()).toEqual(even);
    await setup.store.catalogue.putItems([
      item(even[0]!, { categories: ['Odd'] }),
      item('item-11', { categories: ['Even'] }),
    ]);
    const moved = ranking().filter((id) => id === 'item-11' || (numberOf(id) % 2 === 0 && id !== even[0]));
    expect(await shown()).toEqual(moved);
  });
});

describe('other questions', () => {
  test('a session: the newest interactions are the visitor, nothing is stored', async () => {
    const session = [3, 9].map((n) => ({ itemId: `item-${n}`, type: 'click', value: null, timestamp: time }));
    const answer = await recommender.recommendTo({ userId: null, session }, { k: 5 });
    expect(answer.userId).toBeNull();
    expect(answer.items.map(({ itemId }) => itemId)).toEqual(ranking().slice(0, 5));
    const both = await recommender.recommendTo(
      { userId: 'u', session: [{ ...session[0]!, itemId: 'item-30' }] },
      { k: ITEMS },
    );
    expect(both.items).toHaveLength(ITEMS - 3);
    expect(await ids({ k: ITEMS })).toHaveLength(ITEMS - 2);
    const nothing = await recommender.recommendTo({ userId: null }, { k: 5 });
    expect(nothing).toMatchObject({ source: 'popularity', reason: 'the session has no interaction' });
  });

  test('similar: by cosine, without the item itself', async () => {
    const { items } = await recommender.similar('item-5', { k: 3 });
    const { q, width } = weights.itemsOut;
    const vector = (row: number) => Array.from(q.subarray(row * width, (row + 1) * width));
    const cosine = (a: number[], b: number[]) =>
      a.reduce((sum, x, i) => sum + x * b[i]!, 0) / Math.hypot(...a) / Math.hypot(...b);
    const expected = Array.from({ length: ITEMS }, (_, row) => ({
      row,
      score: cosine(vector(5), vector(row)),
    }))
      .filter(({ row }) => row !== 5)
      .sort((a, b) => b.score - a.score);
    expect(items.map(({ itemId }) => numberOf(itemId))).toEqual(expected.slice(0, 3).map(({ row }) => row));
    expect(items[0]!.score).toBeCloseTo(expected[0]!.score, 3);
    expect(
      (await recommender.similar('item-5', { k: 3, category: ['Odd'] })).items.every(
        ({ itemId }) => numberOf(itemId) % 2,
      ),
    ).toBe(true);
    await expect(recommender.similar('nothing', { k: 3 })).rejects.toMatchObject({ code: 'not-found' });
  });

  test("rank: the caller's list in the order of the scores, seen ones too", async () => {
    const list = ['item-9', 'item-50', 'what', 'item-20', 'item-50', 'item-3'];
    const answer = await recommender.rank({ userId: 'u' }, { items: list });
    const wanted = ranking([]).filter((id) => list.includes(id));
    expect(answer.items.map(({ itemId }) => itemId)).toEqual(wanted);
    expect(answer).toMatchObject({ unknown: ['what'], source: 'student' });
    expect((await recommender.rank({ userId: 'nobody' }, { items: list })).source).toBe('popularity');
  });
});
