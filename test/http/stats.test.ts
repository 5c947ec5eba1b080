import request from 'supertest';
import { expect, it, onTestFinished } from 'vitest';
import { problem } from '../../src/core/errors.ts';
import { interaction, item } from '../helpers/store.ts';
import { expectProblem } from './problem.ts';
import { startService } from './service.ts';

async function serve(overrides = {}) {
  const service = await startService(overrides);
  onTestFinished(() => service.close());
  return service;
}

it('says what the data looks like', async () => {
  const { url, store } = await serve();
  await store.interactions.add([
    interaction({ userId: 'ann', itemId: 'a', timestamp: 1000 }),
    interaction({ userId: 'ann', itemId: 'b', type: 'buy', timestamp: null }),
    interaction({ userId: 'bob', itemId: 'a', timestamp: 2000 }),
  ]);
  await store.catalogue.putItems([item('a'), item('new')]);
  const { body } = await request(url).get('/stats').expect(200);
  expect(body).toMatchObject({
    interactions: {
      total: 3,
      byType: { click: 2, buy: 1 },
      withoutTimestamp: 1,
      first: '1970-01-01T00:00:01.000Z',
    },
    users: 2,
    items: 2,
    density: 0.75,
    historyLength: { mean: 1.5, max: 2 },
    catalogue: { items: 2, users: 0 },
    cold: { itemsWithoutInteractions: { count: 1, share: 0.5 } },
  });
});

it('passes over the data once a minute at most, however many ask', async () => {
  let time = Date.now();
  const { url, store } = await serve({ now: () => time });
  let passes = 0;
  const { snapshot } = store.interactions;
  store.interactions.snapshot = (read) => {
    passes++;
    return snapshot(read);
  };
  const ask = async () => (await request(url).get('/stats').expect(200)).body.interactions.total;
  expect(await Promise.all([ask(), ask(), ask()])).toEqual([0, 0, 0]);
  await store.interactions.add([interaction()]);
  expect(await ask()).toBe(0);
  time += 60_000;
  expect(await ask()).toBe(1);
  expect(passes).toBe(2);
});

it('does not keep a failure', async () => {
  const { url, store } = await serve();
  const { snapshot } = store.interactions;
  store.interactions.snapshot = async () => {
    store.interactions.snapshot = snapshot;
    throw problem('store-unavailable', 'The database is not usable: it is away');
  };
  expectProblem(await request(url).get('/stats'), 503, 'store-unavailable', /away/);
  await request(url).get('/stats').expect(200);
});
