import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { isBlockedAt, type StoredItem } from '../../src/domain/data/catalogue.ts';
import { item } from '../helpers/store.ts';
import { interaction } from '../serving/serving-setup.ts';
import { ITEMS, type LiveService, startLiveService } from './live-service.ts';
import { expectProblem } from './problem.ts';

let service: LiveService;
beforeAll(async () => {
  service = await startLiveService();
});
afterAll(() => service.close());

const get = (path: string) => request(service.url).get(path);
const post = (path: string, body: object) => request(service.url).post(path).send(body);
interface Shown {
  itemId: string;
  source?: string;
}
const idsOf = (answer: { body: { items: Shown[] } }) => answer.body.items.map(({ itemId }) => itemId);

describe('a filter', () => {
  const year = encodeURIComponent('number = "7"');

  it('that no item can fit is warned of, in every answer that takes one', async () => {
    for (const path of ['/recommend/u', '/recommend/nobody', '/similar/item-1', '/popular', '/latest']) {
      const { body } = await get(`${path}?filter=${year}`).expect(200);
      expect(body.items, path).toEqual([]);
      expect(body.reasonCode).toBe(path.endsWith('nobody') ? 'unknown-user' : 'few-fit');
      expect(body.warnings).toEqual([
        {
          code: 'other-type',
          detail:
            'filter compares number with a text, "7", but in the catalogue it is a number; write number = 7 without quotes.',
        },
      ]);
    }
  });

  it.each([
    ['category=Horror', 'unknown-category', 'No item of the catalogue has the category "Horror".'],
    [
      'category=Odd,Even',
      'unknown-category',
      'No item of the catalogue has the category "Odd,Even"; send category=Odd&category=Even for any of these.',
    ],
    [
      `filter=${encodeURIComponent('colour = "red"')}`,
      'unknown-field',
      'filter asks for colour, which no item of the catalogue has.',
    ],
    [
      `filter=${encodeURIComponent('category in ["Odd", "Odder"]')}`,
      'unknown-category',
      'No item of the catalogue has the category "Odder".',
    ],
    [
      `filter=${encodeURIComponent('label = "war"')}`,
      'unknown-field',
      'No item of the catalogue has the label "war".',
    ],
  ])('?%s has the warning %s', async (query, code, detail) => {
    const { body } = await get(`/recommend/u?${query}`).expect(200);
    expect(body.warnings).toEqual([{ code, detail }]);
  });

  it('that is sound has no warning, and a new category is known at once', async () => {
    const sound = encodeURIComponent('number > 3 and category = "Odd" and not title = "x"');
    expect((await get(`/recommend/u?filter=${sound}`)).body.warnings).toBeUndefined();
    await post('/items', { items: [{ itemId: 'fresh', categories: ['Brand new'] }] }).expect(200);
    const answer = await get('/recommend/u?category=Brand%20new').expect(200);
    expect(answer.body).toMatchObject({ items: [{ itemId: 'fresh' }], source: 'latest' });
    expect(answer.body.warnings).toBeUndefined();
  });
});

describe('exclude', () => {
  it('with commas means the ids between them, and the id with commas', async () => {
    await post('/items', { items: [{ itemId: 'a,b', categories: ['Comma'] }] }).expect(200);
    const [first, second] = idsOf(await get('/recommend/u?k=2'));
    const rest = idsOf(await get(`/recommend/u?k=59&exclude=${first},%20${second}`));
    expect(rest).not.toContain(first);
    expect(rest).not.toContain(second);
    expect(idsOf(await get('/latest?category=Comma&exclude=a,b'))).toEqual([]);
    // A body says exactly which ids it means.
    const body = { userId: 'u', k: 2, exclude: [`${first},${second}`] };
    expect(idsOf(await post('/recommend', body))).toEqual([first, second]);
  });
});

describe('pins', () => {
  it('of items of which nothing is known are refused, and hiding them is said', async () => {
    expectProblem(
      await post('/rules', { action: 'pin', items: ['item-1', 'nothing'] }),
      400,
      'invalid-request',
      /^items\[1\] is not known: neither the catalogue nor any interaction has "nothing"/,
    );
    const hidden = await post('/rules', { action: 'hide', items: ['nothing'] }).expect(201);
    expect(hidden.body.warnings).toEqual(['Nothing is known yet of "nothing".']);
    await request(service.url).delete(hidden.headers.location!).expect(204);
  });
});

describe('POST /rank', () => {
  it('names what may be shown to nobody, and ranks by popularity without a model too', async () => {
    await post('/items', { items: [{ itemId: 'gone', hidden: true }] }).expect(200);
    const rule = await post('/rules', { action: 'hide', items: ['item-2'] }).expect(201);
    const list = ['item-1', 'gone', 'item-2', 'what', 'item-3'];
    const { body } = await post('/rank', { userId: 'u', items: list }).expect(200);
    expect(new Set(body.items.map(({ itemId }: Shown) => itemId))).toEqual(new Set(['item-1', 'item-3']));
    expect(body).toMatchObject({
      unknown: ['what'],
      leftOut: [
        { itemId: 'gone', reason: 'unavailable' },
        { itemId: 'item-2', reason: 'hidden-by-rule' },
      ],
    });
    const unknown = await post('/rank', { userId: 'nobody', items: ['what', 'item-1', 'item-3'] }).expect(
      200,
    );
    expect(unknown.body).toMatchObject({ source: 'popularity', unknown: ['what'] });
    // One user clicked on it, nobody on the other.
    expect(idsOf(unknown)).toEqual(['item-3', 'item-1']);
    await request(service.url).delete(rule.headers.location!).expect(204);
  });
});

/** The one thing that must be true of all answers, tried on catalogues, rules and questions as they are drawn. */
describe('no item of any answer breaks a condition', () => {
  const CATEGORIES = ['A', 'B', 'C', 'D'];
  const rng = createRng(7);
  const one = <T>(list: readonly T[]): T => list[rng.int(list.length)]!;
  const chance = (share: number) => rng.next() < share;
  const filters: [string, (item: StoredItem) => boolean][] = [
    ['n < 20', ({ features }) => Number(features.n) < 20],
    ['n in 10..14', ({ features }) => Number(features.n) >= 10 && Number(features.n) <= 14],
    ['not category = "A"', ({ categories }) => !categories.includes('A')],
    [
      'category = "B" and n >= 30',
      ({ categories, features }) => categories.includes('B') && Number(features.n) >= 30,
    ],
    ['n = 4711', () => false],
  ];

  async function draw() {
    const now = Date.now();
    const items = Array.from({ length: ITEMS + 20 }, (_, i) =>
      item(i < ITEMS ? `item-${i}` : `new-${i}`, {
        categories: CATEGORIES.filter(() => chance(0.4)),
        features: chance(0.9) ? { n: rng.int(60) } : {},
        hidden: chance(0.1),
        availableFrom: chance(0.1) ? now + 1e9 : null,
        availableUntil: chance(0.1) ? now - 1e6 : null,
      }),
    );
    await service.store.catalogue.putItems(items);
    for (const { id } of await service.store.rules.list()) await service.store.rules.remove(id);
    const hiding = {
      items: items.filter(() => chance(0.05)).map(({ itemId }) => itemId),
      categories: chance(0.3) ? [one(CATEGORIES)] : [],
    };
    if (hiding.items.length + hiding.categories.length > 0)
      await post('/rules', { action: 'hide', ...hiding }).expect(201);
    const pinned = [one(items).itemId, one(items).itemId];
    await post('/rules', { action: 'pin', items: [...new Set(pinned)], position: 1 + rng.int(5) }).expect(
      201,
    );
    await post('/rules', { action: 'boost', categories: [one(CATEGORIES)], factor: 20 }).expect(201);
    return { byId: new Map(items.map((one) => [one.itemId, one])), hiding };
  }

  type World = Awaited<ReturnType<typeof draw>>;

  function question() {
    const category = chance(0.4) ? CATEGORIES.filter(() => chance(0.5)) : [];
    const filter = chance(0.5) ? one(filters) : null;
    const exclude = chance(0.3) ? [`item-${rng.int(ITEMS)}`, `new-${ITEMS + rng.int(20)}`] : [];
    return {
      category,
      filter,
      exclude,
      k: one([1, 5, 30, 200]),
      fill: chance(0.2),
      includeSeen: chance(0.3),
    };
  }

  function expectHolds(
    shown: Shown[],
    asked: ReturnType<typeof question>,
    { byId, hiding }: World,
    seen: string[],
  ) {
    expect(new Set(shown.map(({ itemId }) => itemId)).size).toBe(shown.length);
    expect(shown.length).toBeLessThanOrEqual(asked.k);
    for (const { itemId, source } of shown) {
      const stored = byId.get(itemId);
      expect(stored && isBlockedAt(stored, Date.now()), itemId).not.toBe(true);
      expect(hiding.items).not.toContain(itemId);
      expect(stored?.categories.some((name) => hiding.categories.includes(name)) ?? false).toBe(false);
      expect(asked.exclude).not.toContain(itemId);
      if (source !== 'rules' && !asked.includeSeen) expect(seen).not.toContain(itemId);
      if (source === 'padding') {
        expect(asked.fill).toBe(true);
        continue;
      }
      const { category, filter } = asked;
      if (category.length > 0) expect(stored?.categories.some((name) => category.includes(name))).toBe(true);
      if (filter) expect(stored && filter[1](stored)).toBe(true);
    }
  }

  /** All that could be shown by a question of someone who has seen nothing. */
  const fitting = (asked: ReturnType<typeof question>, { byId, hiding }: World) =>
    [...byId.values()].filter(
      (stored) =>
        !isBlockedAt(stored, Date.now()) &&
        !hiding.items.includes(stored.itemId) &&
        !stored.categories.some((name) => hiding.categories.includes(name)) &&
        !asked.exclude.includes(stored.itemId) &&
        (asked.category.length === 0 || stored.categories.some((name) => asked.category.includes(name))) &&
        (!asked.filter || asked.filter[1](stored)),
    ).length;

  it('from the model, from what is popular or new, by rules, in batches, sessions and lists', async () => {
    await service.store.interactions.add(
      Array.from({ length: 60 }, (_, i) =>
        interaction(`x${i % 9}`, i % 3 ? `item-${i}` : `new-${ITEMS + (i % 20)}`),
      ),
    );
    // What the tests above have left in the catalogue.
    for (const id of ['fresh', 'a,b', 'gone']) await service.store.catalogue.deleteItem(id);
    const sources = new Set<string>();
    for (let world = 0; world < 4; world++) {
      const drawn = await draw();
      for (let round = 0; round < 8; round++) {
        const asked = question();
        const { filter, includeSeen, fill, ...rest } = asked;
        const list = { ...rest, ...(filter && { filter: filter[0] }) };
        const options = { ...list, includeSeen, fill };
        const query = new URLSearchParams({ k: String(asked.k), ...(filter && { filter: filter[0] }) });
        for (const name of asked.category) query.append('category', name);
        for (const id of asked.exclude) query.append('exclude', id);
        const seen = ['item-3', 'item-9'];
        const [known, unknown, batch, similar, popular, latest, trending] = await Promise.all([
          get(`/recommend/u?${query}&includeSeen=${includeSeen}&fill=${fill}`).expect(200),
          post('/recommend', { ...options, interactions: [] }).expect(200),
          post('/recommend/batch', { ...options, users: ['u', 'nobody'] }).expect(200),
          get(`/similar/item-5?${query}`).expect(200),
          get(`/popular?${query}`).expect(200),
          get(`/latest?${query}`).expect(200),
          get(`/trending?${query}`).expect(200),
        ]);
        expectHolds(known.body.items, asked, drawn, seen);
        expectHolds(unknown.body.items, asked, drawn, []);
        expectHolds(batch.body.results[0].items, asked, drawn, seen);
        expectHolds(batch.body.results[1].items, asked, drawn, []);
        for (const answer of [similar, popular, latest, trending])
          expectHolds(answer.body.items, { ...asked, fill: false }, drawn, []);
        // Never fewer than fit.
        const most = Math.min(asked.k, fitting(asked, drawn));
        expect(latest.body.items).toHaveLength(most);
        expect(unknown.body.items.length).toBeGreaterThanOrEqual(most);
        for (const { body } of [known, unknown]) {
          for (const { source } of body.items as Shown[]) sources.add(source ?? body.source);
          if (body.items.length < asked.k) expect(body.reasonCode).toBeDefined();
        }
      }
    }
    expect([...sources].sort()).toEqual(['latest', 'padding', 'popularity', 'rules', 'student']);
  });
});
