import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { recommendsListedOnly } from '../../src/domain/data/unlisted.ts';
import { sampleWeights } from '../artifact/sample-student.ts';
import { item } from '../helpers/store.ts';
import { interaction, type ServingSetup, setUpServing } from '../serving/serving-setup.ts';
import { createToySignals, ITEMS, startReplica } from './live-service.ts';

let setup: ServingSetup;
let service: Awaited<ReturnType<typeof startReplica>>;
beforeAll(async () => {
  setup = await setUpServing();
  await setup.publish('movies', sampleWeights(ITEMS, 8));
  // Half of the model's items, all of which have interactions.
  await setup.store.interactions.add([
    ...Array.from({ length: ITEMS }, (_, i) => interaction('crowd', `item-${i}`)),
    interaction('u', 'item-3'),
    interaction('v', 'ghost'),
  ]);
  service = await startReplica(setup, createToySignals());
});
afterAll(async () => {
  await service.close();
  await setup.close().catch(() => {});
});

const get = async (path: string) => (await request(service.url).get(path).expect(200)).body;
const ids = ({ items }: { items: { itemId: string }[] }) => items.map(({ itemId }) => itemId);
const LISTS = ['/recommend/u?k=100', '/recommend/nobody?k=100', '/popular?k=100', '/similar/item-3?k=100'];
const list = (from: number, to: number) =>
  service.store.catalogue.putItems(
    Array.from({ length: to - from }, (_, i) => item(`item-${from + i}`, { title: `Film ${from + i}` })),
  );

describe('items that the catalogue does not have', () => {
  it('count like others where there is no catalogue, and where it has a few entries', async () => {
    expect(ids(await get('/recommend/nobody?k=100'))).toContain('ghost');
    await list(0, 20);
    expect(ids(await get('/recommend/nobody?k=100'))).toContain('ghost');
    expect(ids(await get('/recommend/u?k=100'))).toContain('item-50');
    expect((await get('/stats')).catalogue.unlisted).toEqual({ count: 41, recommended: true });
  });

  it('are in no list once the catalogue has half of all, so that a click on anything makes no item of it', async () => {
    await list(20, 40);
    for (const path of LISTS) {
      const shown = ids(await get(path));
      expect(shown.length, path).toBeGreaterThan(30);
      expect(shown.filter((id) => id === 'ghost' || Number(id.slice(5)) >= 40)).toEqual([]);
    }
    // One that comes now, and a pin, which somebody has chosen.
    const click = { interactions: [{ userId: 'v', itemId: 'ghost-2', type: 'click' }] };
    await request(service.url).post('/interactions').send(click).expect(200);
    expect(ids(await get('/recommend/nobody?k=100'))).not.toContain('ghost-2');
    const pin = { action: 'pin', items: ['ghost'] };
    const { headers } = await request(service.url).post('/rules').send(pin).expect(201);
    expect(ids(await get('/recommend/u?k=2'))[0]).toBe('ghost');
    await request(service.url).delete(headers.location!).expect(204);
  });

  it('are ranked where somebody asks for them, and come back with an entry', async () => {
    const body = { userId: 'u', items: ['item-50', 'item-2'] };
    const ranked = await request(service.url).post('/rank').send(body).expect(200);
    expect(ids(ranked.body).sort()).toEqual(['item-2', 'item-50']);
    await list(50, 51);
    expect(ids(await get('/recommend/u?k=100'))).toContain('item-50');
  });

  it.each([
    ['auto', 0, 5, false],
    ['auto', 2, 5, false],
    ['auto', 5, 5, true],
    ['auto', 1, 0, true],
    ['never', 1, 5, true],
    ['never', 0, 5, false],
    ['always', 5, 1, false],
  ] as const)(
    'by %s with %i listed and %i unlisted ones: only listed is %s',
    (setting, listed, unlisted, only) => {
      expect(recommendsListedOnly(setting, { listed, unlisted })).toBe(only);
    },
  );
});

describe('version in a body', () => {
  it('is a number or a text', async () => {
    for (const version of [1, '1', 'stable']) {
      const bodies: [string, object][] = [
        ['/recommend', { userId: 'u', version }],
        ['/rank', { userId: 'u', items: ['item-1'], version }],
        ['/recommend/batch', { users: ['u'], version }],
      ];
      for (const [path, body] of bodies) {
        const answer = (await request(service.url).post(path).send(body).expect(200)).body;
        expect((answer.results?.[0] ?? answer).model).toMatchObject({ version: 1 });
      }
    }
    for (const version of [0, 1.5, '1.5', true]) {
      const { body } = await request(service.url).post('/recommend').send({ userId: 'u', version });
      expect(body).toMatchObject({ code: 'invalid-request', status: 400 });
      expect(body.detail).toMatch(/^version must be a version number such as 4, or an alias such as stable/);
    }
  });
});
