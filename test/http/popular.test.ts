import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { DEFAULT_POPULARITY } from '../../src/domain/data/popularity.ts';
import { sampleWeights } from '../artifact/sample-student.ts';
import { eventually } from '../helpers/eventually.ts';
import { item } from '../helpers/store.ts';
import { interaction } from '../serving/serving-setup.ts';
import { ITEMS, type LiveService, startLiveService } from './live-service.ts';
import { expectProblem } from './problem.ts';

const DAY = 86_400_000;
const now = Date.now();
const ago = (days: number) => now - days * DAY;

let service: LiveService;
beforeAll(async () => {
  service = await startLiveService();
  const { store } = service;
  const rows = [
    // One bot, nine hundred times.
    ...Array.from({ length: 900 }, (_, i) => interaction('bot', 'item-20', { timestamp: ago(i / 100) })),
    ...['a', 'b', 'c', 'd'].map((user) => interaction(user, 'item-10', { timestamp: ago(1) })),
    ...['a', 'b', 'c'].map((user) => interaction(user, 'item-11', { timestamp: ago(40) })),
    ...['a', 'b', 'c', 'd', 'e'].map((user) =>
      interaction(user, 'item-12', { type: 'rating', value: 1, timestamp: ago(1) }),
    ),
    ...['a', 'b', 'c', 'd', 'e'].flatMap((user) => [
      interaction(user, 'item-13', { type: 'rating', value: 5, timestamp: ago(2) }),
      interaction(user, 'item-13', { type: 'rating', value: 1, timestamp: ago(1) }),
    ]),
    interaction('a', 'outside', { timestamp: ago(1) }),
  ];
  await store.interactions.add(rows);
});
afterAll(() => service.close());

const get = (path: string) => request(service.url).get(path);
const post = (path: string, body: object) => request(service.url).post(path).send(body);
interface Listed {
  itemId: string;
  source?: string;
}
const idsOf = (answer: { body: { items: Listed[] } }) => answer.body.items.map(({ itemId }) => itemId);

describe('popularity', () => {
  it('counts users and not clicks, what is positive, and less what is old', async () => {
    const { body } = await get('/popular?k=4').expect(200);
    // item-11 has three users of forty days ago; u's clicks have no time and do not age.
    expect(idsOf({ body })[0]).toBe('item-10');
    expect(body.items[0]).toMatchObject({ users: 4, title: 'Film "10"' });
    const all = (await get('/popular?k=100').expect(200)).body;
    const find = (id: string) => all.items.find(({ itemId }: Listed) => itemId === id);
    expect(find('item-20')).toMatchObject({ users: 1, score: 1 });
    expect(find('item-11')).toMatchObject({ users: 3, score: expect.closeTo(3 * 2 ** (-40 / 30), 2) });
    expect(find('item-12')).toBeUndefined();
    // The newest word counts.
    expect(find('item-13')).toBeUndefined();
    expect(all).toMatchObject({ reasonCode: 'few-fit', computedAt: expect.any(String) });
  });

  it('is the same for an unknown user, with a model and in a filter', async () => {
    const listed = idsOf(await get('/popular?k=3'));
    const answer = await get('/recommend/nobody?k=3&model=movies').expect(200);
    expect(answer.body).toMatchObject({ source: 'popularity', reasonCode: 'unknown-user' });
    expect(idsOf(answer)).toEqual(listed);
    expect(idsOf(await get('/popular?category=Odd&k=2'))).toEqual(
      idsOf(await get('/recommend/nobody?category=Odd&k=2')),
    );
    for (const id of idsOf(await get('/popular?category=Odd&k=5'))) expect(Number(id.slice(5)) % 2).toBe(1);
  });

  it('takes in what has come since', async () => {
    const rows = Array.from({ length: 9 }, (_, i) => ({
      userId: `new-${i}`,
      itemId: 'item-50',
      type: 'click',
    }));
    await post('/interactions', { interactions: rows }).expect(200);
    // A worker counts after some seconds; here it is asked to.
    await service.store.popularity.compute(DEFAULT_POPULARITY);
    await eventually('item-50 is ahead', async () => idsOf(await get('/popular?k=1'))[0] === 'item-50');
  });

  it('of recent days shows what rises above its own past', async () => {
    const { body } = await get('/trending?k=3').expect(200);
    const find = (id: string) => body.items.find(({ itemId }: Listed) => itemId === id);
    expect(find('item-10')).toMatchObject({ recent: 4, past: 0, score: 4 });
    expect(find('item-11')).toBeUndefined();
  });

  it('leaves room to the newest of the catalogue, and none empty', async () => {
    await service.store.catalogue.putItems([item('novel', { title: 'Novel', categories: ['Novel'] })]);
    const { body } = await get('/latest?k=1').expect(200);
    expect(body.items).toEqual([{ itemId: 'novel', title: 'Novel', since: expect.any(String) }]);
    expect((await get('/recommend/nobody?category=Novel')).body).toMatchObject({
      source: 'latest',
      items: [{ itemId: 'novel' }],
    });
  });

  it('refuses bad input', async () => {
    for (const list of ['popular', 'trending', 'latest']) {
      expectProblem(await get(`/${list}?k=0`), 400, 'invalid-request', /^k must be/);
      expectProblem(await get(`/${list}?filter=a%20%3E`), 400, 'invalid-request', /^filter, at character 4/);
      expectProblem(await get(`/${list}?user=u`), 400, 'invalid-request', /^user is not known here/);
    }
  });
});

describe('boosts', () => {
  it('by a factor move popular items that stand in for the student, and no list for everybody', async () => {
    const [nobody, popular] = ['/recommend/nobody?k=8', '/popular?k=8'];
    const [before, { body: list }] = [(await get(nobody)).body, await get(popular)];
    const [best, other] = [list.items[0], list.items.at(-1)];
    expect(before.items[0].itemId).toBe(best.itemId);
    const rules = [
      await post('/rules', { action: 'boost', items: [other.itemId], factor: 1000 }).expect(201),
      await post('/rules', { action: 'boost', items: [best.itemId], factor: 0.001 }).expect(201),
    ];
    const { items } = (await get(nobody).expect(200)).body;
    expect(items[0].itemId).toBe(other.itemId);
    expect(items[0].score).toBeCloseTo(1000 * other.score, 2);
    expect(items[1].itemId).toBe(before.items[1].itemId);
    expect(idsOf(await get(popular))).toEqual(idsOf({ body: list }));
    for (const { headers } of rules) await request(service.url).delete(headers.location!).expect(204);
    expect(idsOf(await get(nobody))).toEqual(before.items.map(({ itemId }: Listed) => itemId));
  });

  it('of categories and models that there are not are warned of', async () => {
    const body = { action: 'boost', categories: ['Odd', 'Ood'], factor: 2, model: 'moveis' };
    const rule = await post('/rules', body).expect(201);
    expect(rule.body.warnings).toEqual([
      'No item of the catalogue has the category "Ood".',
      'There is no model "moveis" yet; the rule changes nothing until there is.',
    ]);
    await request(service.url).delete(rule.headers.location!).expect(204);
  });

  it('by a factor mean the same whatever the scale of the scores', async () => {
    // The same student with all scores times eight, as another training may have them.
    const weights = sampleWeights(ITEMS, 8);
    const scaled = {
      ...weights,
      itemsOut: { ...weights.itemsOut, scale: weights.itemsOut.scale.map((scale) => 8 * scale) },
      itemBias: weights.itemBias.map((bias) => 8 * bias),
    };
    await service.setup.publish('louder', scaled);
    await eventually('it is live', async () => (await get('/recommend/u?model=louder')).status === 200);
    const rule = await post('/rules', { action: 'boost', categories: ['Odd'], factor: 3 }).expect(201);
    const list = async (model: string) => idsOf(await get(`/recommend/u?model=${model}&k=40`));
    const plain = await list('movies');
    expect(await list('louder')).toEqual(plain);
    await request(service.url).delete(rule.headers.location!).expect(204);
    expect(await list('movies')).not.toEqual(plain);
  });

  it.each([
    [{ action: 'boost', items: ['item-1'] }, /^factor is missing; a boost needs one/],
    [{ action: 'boost', items: ['item-1'], factor: 0 }, /^factor must be a number from 0.001 to 1000/],
    [{ action: 'boost', items: ['item-1'], factor: 2, amount: 1 }, /^factor and amount are two ways/],
    [{ action: 'hide', items: ['item-1'], factor: 2 }, /^factor belongs to boost/],
  ])('refuse %j', async (body, detail) => {
    expectProblem(await post('/rules', body), 400, 'invalid-request', detail);
  });

  it('by an amount still add it, and say what is better', async () => {
    const rule = await post('/rules', { action: 'boost', items: ['item-40'], amount: 1000 }).expect(201);
    expect(rule.body).toMatchObject({
      factor: null,
      amount: 1000,
      warnings: [/factor/].map((text) => expect.stringMatching(text)),
    });
    expect(idsOf(await get('/recommend/u?k=1'))).toEqual(['item-40']);
    await request(service.url).delete(rule.headers.location!).expect(204);
  });
});

describe('/default-model', () => {
  const put = (body: object) => request(service.url).put('/default-model').send(body);

  it('stays the first model until somebody chooses another', async () => {
    await service.setup.publish('books', sampleWeights(ITEMS, 8, 2));
    await eventually('it is live', async () => (await get('/recommend/u?model=books')).status === 200);
    expect((await get('/recommend/u').expect(200)).body.model.name).toBe('movies');
    expect((await get('/default-model').expect(200)).body.recommend).toEqual({
      model: 'movies',
      from: 'first',
    });
    const chosen = await put({ model: 'books' }).expect(200);
    expect(chosen.body.recommend).toEqual({ model: 'books', from: 'chosen' });
    for (const path of ['/recommend/u', '/recommend/u?explain=true', '/similar/item-1'])
      expect((await get(path).expect(200)).body.model.name).toBe('books');
    const forgotten = await request(service.url).delete('/default-model').expect(200);
    expect(forgotten.body.recommend).toEqual({ model: 'movies', from: 'first' });
    expect((await get('/recommend/u')).body.model.name).toBe('movies');
  });

  it('refuses bad input', async () => {
    expectProblem(await put({ model: 'films' }), 404, 'not-found', /no model "films"; there are: /);
    expectProblem(await put({}), 400, 'invalid-request', /^model is missing/);
    expectProblem(await put({ model: 'books', kind: 'x' }), 400, 'invalid-request', /^kind is not known/);
    const { models } = service.setup.store;
    const summary = { metrics: {}, compressionRatio: 1 };
    const aside = {
      model: 'aside',
      jobId: 'aside',
      artifact: 'none',
      bytes: 1,
      items: 1,
      dimensions: 1,
      summary,
    };
    await models.publish(aside, 'trial');
    expectProblem(await put({ model: 'aside' }), 409, 'conflict', /^No version of model aside is live/);
  });
});
