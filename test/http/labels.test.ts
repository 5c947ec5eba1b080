import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { sampleLabels } from '../artifact/sample-labels.ts';
import { sampleWeights } from '../artifact/sample-student.ts';
import { eventually } from '../helpers/eventually.ts';
import { item } from '../helpers/store.ts';
import { interaction, type ServingSetup, setUpServing, truncate } from '../serving/serving-setup.ts';
import { startReplica } from './live-service.ts';
import { storeEnough } from './service.ts';

let setup: ServingSetup;
let service: Awaited<ReturnType<typeof startReplica>>;

beforeAll(async () => {
  setup = await setUpServing();
  await setup.publish('movies', sampleWeights(3, 4));
  await setup.publishLabels('climates', sampleLabels());
  await setup.publishLabels('people', sampleLabels('users'));
  const quiet = {
    publish: async () => {},
    subscribe: () => () => {},
    listening: () => true,
    onGap: () => () => {},
  };
  service = await startReplica(setup, quiet as never);
  await setup.store.catalogue.putItems([
    item('item-0', { features: { year: 1 } }),
    item('item-1', {}),
    item('new', { features: { year: 2 }, categories: ['dry'] }),
    item('bare', {}),
  ]);
  await setup.store.interactions.add([interaction('ann', 'item-0'), interaction('bob', 'item-1')]);
  await setup.store.catalogue.putUsers([{ userId: 'cid', features: { year: 2 } }]);
  await storeEnough(setup.store);
});
afterAll(async () => {
  await service.close();
  await setup.close().catch(() => {});
});

const ask = (body: object) => request(service.url).post('/labels').send(body);
const told = (result: { labels: { label: string; probability: number; predicted: boolean }[] }) =>
  result.labels.map(({ label, predicted }) => `${label}${predicted ? ' yes' : ''}`).join(', ');

describe('POST /labels', () => {
  it('predicts labels of items from what training saw of them and from their features, and says what it knew', async () => {
    const items = ['item-0', 'item-1', 'new', 'bare', 'item-2', 'nowhere'];
    const { body } = await ask({ model: 'climates', items }).expect(200);
    expect(body).toMatchObject({ model: { name: 'climates', version: 1 }, of: 'items' });
    expect(body.results.map(({ id }: { id: string }) => id)).toEqual(items);
    const [warm, cold, fresh, bare, untaken, nowhere] = body.results;
    // Behaviour and year: 2 + 2 in the warm dimension, logit 8.
    expect(warm.source).toBe('both');
    expect(warm.labels[0]).toMatchObject({ label: 'warm', predicted: true });
    expect(warm.labels[0].probability).toBeCloseTo(1 / (1 + Math.exp(-8)), 5);
    expect([cold.source, told(cold)]).toEqual(['behaviour', 'cold yes, warm']);
    expect([fresh.source, told(fresh)]).toEqual(['features', 'cold yes, warm']);
    // Nothing that it can read: how many have each.
    for (const one of [bare, untaken]) {
      expect(one.source).toBe('frequency');
      expect(one.labels).toEqual([
        { label: 'cold', probability: expect.closeTo(0.7, 6), predicted: true },
        { label: 'warm', probability: expect.closeTo(0.3, 6), predicted: false },
      ]);
    }
    expect(nowhere).toEqual({
      id: 'nowhere',
      problem: {
        code: 'not-found',
        detail: 'Neither model climates nor the catalogue knows the item "nowhere".',
      },
    });
  });

  it('predicts labels of users from their history as it is now', async () => {
    const users = ['ann', 'bob', 'cid', 'nobody'];
    const { body } = await ask({ model: 'people', users, k: 1 }).expect(200);
    expect(body.results.slice(0, 3).map((one: never) => told(one))).toEqual([
      'warm yes',
      'cold yes',
      'cold yes',
    ]);
    expect(body.results.map(({ source }: { source?: string }) => source)).toEqual([
      'behaviour',
      'behaviour',
      'features',
      undefined,
    ]);
    expect(body.results[3].problem.detail).toBe('Nothing is known of the user "nobody".');
    await setup.store.interactions.add([interaction('nobody', 'item-1')]);
    const later = await ask({ model: 'people', users: ['nobody'] }).expect(200);
    expect(told(later.body.results[0])).toBe('cold yes, warm');
  });

  it('predicts for what is not stored: of an item by its takers, of a user by a history, of both by features', async () => {
    const items = await ask({
      model: 'climates',
      entities: [
        { interactions: [{ userId: 'ann' }] },
        { interactions: [{ userId: 'bob' }, { userId: 'bob' }], features: { year: 2 } },
        { features: { year: 1 } },
        {},
      ],
    }).expect(200);
    const results = items.body.results as { source: string; id: null; labels: never[] }[];
    expect(results.map(({ id, source, ...rest }) => [id, source, told(rest as never)])).toEqual([
      [null, 'behaviour', 'warm yes, cold'],
      [null, 'both', 'cold yes, warm'],
      [null, 'features', 'warm yes, cold'],
      [null, 'frequency', 'cold yes, warm'],
    ]);
    const users = await ask({ model: 'people', entities: [{ interactions: [{ itemId: 'item-0' }] }] }).expect(
      200,
    );
    expect(told(users.body.results[0])).toBe('warm yes, cold');
  });

  it.each<[string, object, number, string, RegExp]>([
    ['nothing to ask for', { model: 'climates' }, 400, 'invalid-request', /items, users or entities/],
    [
      'two at once',
      { model: 'climates', items: ['a'], users: ['b'] },
      400,
      'invalid-request',
      /one of the three/,
    ],
    [
      'users of a model of items',
      { model: 'climates', users: ['ann'] },
      400,
      'invalid-request',
      /labels of items; send items/,
    ],
    [
      'items of a model of users',
      { model: 'people', items: ['item-0'] },
      400,
      'invalid-request',
      /labels of users; send users/,
    ],
    [
      'a model that recommends',
      { model: 'movies', items: ['item-0'] },
      400,
      'invalid-request',
      /Model movies recommends items and predicts no labels. Models that do: climates, people/,
    ],
    [
      'a model that there is not',
      { model: 'climate', items: ['item-0'] },
      404,
      'not-found',
      /no model "climate"/,
    ],
    [
      'a version that there is not',
      { model: 'climates', version: '7', items: ['a'] },
      404,
      'not-found',
      /no version 7/,
    ],
    ['an id that is none', { model: 'climates', items: ['a\u0000'] }, 400, 'invalid-id', /items\[0\]/],
    ['an empty list', { model: 'climates', items: [] }, 400, 'invalid-request', /items/],
    ['an unknown field', { model: 'climates', items: ['a'], size: 3 }, 400, 'invalid-request', /size/],
    [
      'items as takers of an item',
      { model: 'climates', entities: [{}, { interactions: [{ itemId: 'a' }] }] },
      400,
      'invalid-request',
      /entities\[1\].interactions\[0\] needs userId and no itemId/,
    ],
    [
      'a rating without a value',
      { model: 'people', entities: [{ interactions: [{ itemId: 'a', type: 'rating' }] }] },
      400,
      'invalid-request',
      /entities\[0\].interactions\[0\].value must be a number from 1 to 5/,
    ],
    [
      'more takers than are read',
      {
        model: 'climates',
        entities: [{ interactions: Array.from({ length: 101 }, (_, i) => ({ userId: `u${i}` })) }],
      },
      400,
      'invalid-request',
      /entities\[0\].interactions may name at most 100 users; got 101/,
    ],
  ])('refuses %s', async (_, body, status, code, detail) => {
    const answer = await ask(body);
    expect(answer.body).toMatchObject({ status, code, detail: expect.stringMatching(detail) });
  });

  it('leaves recommendations to the models that make them', async () => {
    const plain = await request(service.url).get('/recommend/ann').expect(200);
    expect(plain.body.model).toMatchObject({ name: 'movies' });
    for (const path of ['/recommend/ann?model=climates', '/similar/item-0?model=climates&version=1']) {
      const { body } = await request(service.url).get(path);
      expect(body).toMatchObject({ status: 400, code: 'invalid-request' });
      expect(body.detail).toMatch(
        /Model climates predicts labels and recommends nothing; ask POST \/labels. .*movies/,
      );
    }
    const shown = await request(service.url).get('/models/climates/versions/1').expect(200);
    expect(shown.body.serving).toEqual({ state: 'live' });
  });

  it('keeps the version that works when its successor is damaged', async () => {
    await setup.publishLabels('climates', sampleLabels(), truncate('weights.safetensors'));
    await eventually('version 2 is refused', async () => {
      const { body } = await request(service.url).get('/models/climates/versions/2');
      return body.serving?.state === 'refused';
    });
    const { body } = await request(service.url).get('/models/climates/versions/2');
    expect(body.serving.reason).toMatch(/weights.safetensors is truncated/);
    expect((await ask({ model: 'climates', items: ['item-0'] }).expect(200)).body.model.version).toBe(1);
    const named = await ask({ model: 'climates', version: '2', items: ['item-0'] });
    expect(named.body).toMatchObject({ status: 409, code: 'conflict' });
  });
});

describe('POST /jobs of labels', () => {
  const post = (labels: object) =>
    request(service.url).post('/jobs').send({ model: 'new', task: 'multi-label', labels });

  it.each<[object, string, RegExp]>([
    [{ of: 'items', from: 'labels' }, 'not-enough-data', /labels.from: no item has labels; send them first/],
    [{ of: 'users', from: 'features.age' }, 'not-enough-data', /no user has features.age/],
    [
      { of: 'items', from: 'categories', names: ['dry', 'wet', 'icy'] },
      'invalid-job',
      /labels.names: nothing has "wet", "icy" in categories; there are: "dry"/,
    ],
    [
      { of: 'items', from: 'genres' },
      'invalid-job',
      /labels.from must be labels, categories or features.NAME/,
    ],
  ])('refuses %j before it is queued', async (labels, code, detail) => {
    const { body } = await post(labels);
    expect(body).toMatchObject({ status: 422, code, detail: expect.stringMatching(detail) });
    expect(service.queue.queued).toEqual([]);
  });

  it('takes those that are there', async () => {
    const { body } = await post({ of: 'items', from: 'categories', names: ['dry'] }).expect(202);
    expect(body.spec).toMatchObject({
      teacher: { kind: 'multilabel' },
      labels: { minimum: 5 },
      dataset: { split: { strategy: 'random', testFraction: 0.2, validationFraction: 0.1 } },
    });
  });
});
