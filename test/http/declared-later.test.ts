import request from 'supertest';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { usualEvent } from '../../src/domain/data/usual-events.ts';
import { sampleWeights } from '../artifact/sample-student.ts';
import { ITEMS, type LiveService, startLiveService } from './live-service.ts';

/** A model that was trained with clicks and views as liking, and with skips as nothing. */
const trainedWith = (declared?: string[]) => (files: Map<string, Buffer>) => {
  const manifest = JSON.parse(files.get('manifest.json')!.toString());
  const events = Object.fromEntries(['click', 'view', 'skip'].map((type) => [type, usualEvent(type)]));
  manifest.weighting = { ...manifest.weighting, events, ...(declared && { declared }) };
  files.set('manifest.json', Buffer.from(JSON.stringify(manifest)));
};

let service: LiveService;
beforeAll(async () => {
  service = await startLiveService(undefined, trainedWith());
  // Its own job declared what a click means.
  await service.setup.publish('sure', sampleWeights(ITEMS, 8), trainedWith(['click']));
  await service.models.refresh();
});
afterAll(() => service.close());
afterEach(async () => {
  for (const type of ['click', 'skip']) await http().delete(`/event-types/${type}`);
});

const http = () => request(service.url);
const ITEM = 'item-7';
const declare = (type: string) =>
  http().put(`/event-types/${type}`).send({ meaning: 'negative' }).expect(200);

async function add(userId: string, ...pairs: [type: string, itemId: string][]): Promise<void> {
  const interactions = pairs.map(([type, itemId], i) => ({
    ...{ userId, itemId, type, timestamp: `2026-01-0${i + 1}T00:00:00Z` },
  }));
  await http().post('/interactions').send({ interactions }).expect(200);
}

interface Item {
  itemId: string;
  score: number;
  because?: { itemId: string }[];
}
const idsOf = (items: readonly Item[]) => items.map(({ itemId }) => itemId);
const ALL = `k=${ITEMS}&includeSeen=true&explain=true`;

describe('a type that is declared to be disliking after the training', () => {
  it('is never shown again, is no reason and adds nothing, in every answer of a model that liked it', async () => {
    await add('looker', ['view', 'item-1'], ['view', 'item-2'], ['click', ITEM]);
    const list = async () => {
      const { body } = await http().get(`/recommend/looker?${ALL}`).expect(200);
      const items = body.items as Item[];
      return {
        ids: idsOf(items),
        reasons: items.flatMap(({ because = [] }) => because.map((b) => b.itemId)),
      };
    };
    const rank = async () =>
      (
        await http()
          .post('/rank')
          .send({ userId: 'looker', items: [ITEM, 'item-3'] })
      ).body;
    const before = await list();
    expect(before.ids).toContain(ITEM);
    expect(before.reasons).toContain(ITEM);
    expect(idsOf((await rank()).items)).toContain(ITEM);

    await declare('click');
    const after = await list();
    expect(after.ids).not.toContain(ITEM);
    expect(after.reasons).not.toContain(ITEM);
    expect(after.reasons).toContain('item-1');
    const ranked = await rank();
    expect(idsOf(ranked.items)).toEqual(['item-3']);
    expect(ranked.leftOut).toEqual([{ itemId: ITEM, reason: 'disliked' }]);
  });

  it('counts at once in the plain answer, whose vector was kept', async () => {
    await add('clicker', ['click', 'item-1'], ['click', 'item-2']);
    const plain = async () => (await http().get('/recommend/clicker?k=5').expect(200)).body;
    for (let i = 0; i < 3; i++) expect(await plain()).toMatchObject({ source: 'student' });
    await declare('click');
    expect(await plain()).toMatchObject({ source: 'popularity', reasonCode: 'nothing-counts' });
    expect(idsOf((await plain()).items)).not.toContain('item-1');
    await http().delete('/event-types/click').expect(204);
    expect(await plain()).toMatchObject({ source: 'student' });
  });

  it('counts in the body of a session', async () => {
    const interactions = [
      { itemId: 'item-1', type: 'view' },
      { itemId: ITEM, type: 'skip' },
    ];
    const ask = async () => {
      const sent = { interactions, k: ITEMS, includeSeen: true };
      return idsOf((await http().post('/recommend').send(sent).expect(200)).body.items);
    };
    expect(await ask()).toContain(ITEM);
    await declare('skip');
    expect(await ask()).not.toContain(ITEM);
    const ranked = await http()
      .post('/rank')
      .send({ interactions, items: [ITEM] })
      .expect(200);
    expect(ranked.body).toMatchObject({ items: [], leftOut: [{ itemId: ITEM, reason: 'disliked' }] });
  });

  it('is no click-through, and named in the statistics with the versions that learned otherwise', async () => {
    await add('follower', ['view', 'item-1']);
    const { body } = await http().get('/recommend/follower?k=2').expect(200);
    await declare('click');
    const { recommendationId, items } = body;
    const click = { userId: 'follower', itemId: items[0].itemId, type: 'click', recommendationId };
    await http()
      .post('/interactions')
      .send({ interactions: [click] })
      .expect(200);
    await service.servedLog.flush();
    const online = await http().get('/models/movies/online').expect(200);
    expect(online.body.versions[0].itemsClicked).toBe(0);
    const stats = await http().get('/stats').expect(200);
    expect(stats.body.interactions.dislikedSince).toEqual([{ type: 'click', model: 'movies', version: 1 }]);
  });

  it('keeps its meaning for a model whose own job declared it', async () => {
    await add('sure', ['click', ITEM], ['view', 'item-1']);
    await declare('click');
    const { body } = await http().get(`/recommend/sure?model=sure&${ALL}`).expect(200);
    expect(idsOf(body.items)).toContain(ITEM);
  });
});
