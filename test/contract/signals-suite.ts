import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDataset } from '../../src/dataset/build.ts';
import { DEFAULT_POPULARITY } from '../../src/domain/data/popularity.ts';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import { planMeanings, readInstalled } from '../../src/training/run/plan-job.ts';
import { blockRows } from '../helpers/data.ts';
import { eventually } from '../helpers/eventually.ts';
import { ITEMS, type LiveService, startLiveService } from '../http/live-service.ts';
import { DECLARED, type Sent, SIGNALS } from './signals-cases.ts';
import { trainNextVersion } from './signals-next-version.ts';

/** As a version of this release that saw no interaction of any type: those that come mean what the installation says. */
function withoutEvents(files: Map<string, Buffer>): void {
  const manifest = JSON.parse(files.get('manifest.json')!.toString());
  manifest.weighting.events = {};
  files.set('manifest.json', Buffer.from(JSON.stringify(manifest)));
}

/** Holds what each signal changes: in the next training, in the next answer and in the figures online; through HTTP. */
export function describeSignals(engine: string, databaseUrl: () => Promise<string | undefined>): void {
  describe(`signals on ${engine}`, () => {
    let service: LiveService;
    beforeAll(async () => {
      service = await startLiveService(await databaseUrl(), withoutEvents);
      // Enough of others that a data set is one.
      const rows = blockRows().map(({ user, item, timestamp }) => ({
        ...{ userId: user, itemId: item, type: 'click', value: null, timestamp: timestamp!, eventId: null },
      }));
      await service.store.interactions.add(rows);
      for (const [type, meaning] of Object.entries(DECLARED))
        await http().put(`/event-types/${type}`).send(meaning).expect(200);
      // Somebody else keeps the film in the data set.
      await says(await someone(), { type: 'like' });
    });
    afterAll(() => service?.close());

    const http = () => request(service.url);
    const ITEM = 'item-7';
    let users = 0;

    /** A new user, who liked two films before. */
    async function someone(): Promise<string> {
      const userId = `someone-${++users}`;
      const rows = ['item-1', 'item-2'].map((itemId, i) => ({
        ...{ userId, itemId, type: 'click', timestamp: `2026-01-0${i + 1}T00:00:00Z` },
      }));
      await http().post('/interactions').send({ interactions: rows }).expect(200);
      return userId;
    }

    async function says(userId: string, ...sent: Sent[]) {
      const interactions = sent.map((row, i) => ({
        ...{ userId, itemId: ITEM, timestamp: `2026-02-0${i + 1}T00:00:00Z` },
        ...row,
      }));
      return http().post('/interactions').send({ interactions }).expect(200);
    }

    /** The pair in the data set of a job that says nothing of types. */
    async function trained(userId: string) {
      const installed = await readInstalled(service.store.eventTypes);
      return service.store.interactions.snapshot(async (source) => {
        const types = (await source.dictionary('types')).values();
        const { weighting, warnings } = planMeanings(completeDistillation({ model: 'm' }), types, installed);
        const dataset = await buildDataset(source, weighting, { withSeen: true });
        const [user, item] = [dataset.users.indexOf(userId), dataset.items.indexOf(ITEM)];
        const { matrix, disliked } = dataset;
        const valueIn = (pairs: typeof matrix | undefined) => {
          for (let p = pairs?.indptr[user] ?? 0; p < (pairs?.indptr[user + 1] ?? 0); p++)
            if (pairs!.indices[p] === item) return pairs!.values[p]!;
          return 0;
        };
        return { liked: valueIn(matrix), disliked: valueIn(disliked?.pairs), warnings };
      });
    }

    async function shown(userId: string, query = '', itemId = ITEM) {
      const { body } = await http().get(`/recommend/${userId}?k=${ITEMS}&explain=true${query}`).expect(200);
      const items = body.items as { itemId: string; because?: { itemId: string }[] }[];
      return {
        isShown: items.some((one) => one.itemId === itemId),
        isReason: items.some(({ because = [] }) => because.some((one) => one.itemId === itemId)),
      };
    }

    async function clicked(): Promise<number> {
      await service.servedLog.flush();
      const { body } = await http().get('/models/movies/online').expect(200);
      const clicks = body.versions.map((one: { itemsClicked: number }) => one.itemsClicked);
      return clicks.reduce((sum: number, count: number) => sum + count, 0);
    }

    const LIKED = { isShown: false, isReason: true };
    const NOTHING = { isShown: true, isReason: false };

    it.each(SIGNALS)('$name', async ({ sent, liked = 0, disliked = 0, isShown = false }) => {
      const userId = await someone();
      await says(userId, ...sent);
      const pair = await trained(userId);
      expect(pair.liked).toBeCloseTo(liked, 4);
      expect(pair.disliked).toBe(disliked);
      expect(await shown(userId)).toEqual({ isShown, isReason: liked > 0 });
      expect(await shown(userId, '&includeSeen=true')).toMatchObject({ isShown: disliked === 0 });
    });

    const itemOf = (i: number) => `item-${10 + i}`;
    /** Users who each say one of the signals of an item of its own, and the clicks that it made. */
    let told: Promise<{ userId: string; clicks: number }[]> | undefined;
    async function tellAll() {
      const all: { userId: string; clicks: number }[] = [];
      for (const [i, { sent }] of SIGNALS.entries()) {
        const userId = await someone();
        const { body } = await http().get(`/recommend/${userId}?k=${ITEMS}`).expect(200);
        const before = await clicked();
        const from = { itemId: itemOf(i), recommendationId: body.recommendationId };
        await says(userId, ...sent.map((row) => ({ ...from, ...row })));
        all.push({ userId, clicks: (await clicked()) - before });
      }
      return all;
    }
    const tellOnce = () => {
      told ??= tellAll();
      return told;
    };
    const named = <T>(of: (i: number) => T) => SIGNALS.map(({ name }, i) => [name, of(i)] as const);

    it('each of them is a click-through where something was liked, and counts the same in popularity', async () => {
      const all = await tellOnce();
      expect(named((i) => all[i]!.clicks)).toEqual(named((i) => Number(SIGNALS[i]!.isClick ?? false)));
      await service.store.popularity.compute(DEFAULT_POPULARITY);
      const popular = await eventually('it was counted anew', async () => {
        const { body } = await http().get('/popular?k=100').expect(200);
        const users = new Map<string, number>(
          body.items.map((one: { itemId: string; users: number }) => [one.itemId, one.users]),
        );
        return users.has(itemOf(0)) && users;
      });
      expect(named((i) => popular.get(itemOf(i)) ?? 0)).toEqual(
        named((i) => Number((SIGNALS[i]!.liked ?? 0) > 0)),
      );
    });

    it('the next version has learned what each of them says, answers by it and counts the same clicks', async () => {
      const all = await tellOnce();
      const witness = await someone();
      // An item that nobody likes would be in no version.
      await says(witness, ...SIGNALS.map((_, i) => ({ type: 'click', itemId: itemOf(i), timestamp: null })));
      const learned = await trainNextVersion(service);
      for (const [i, { name, liked = 0, disliked = 0, isShown = false }] of SIGNALS.entries()) {
        const { userId } = all[i]!;
        expect([name, learned.get(itemOf(i))]).toEqual([name, expect.closeTo(1 + liked, 4)]);
        const answer = await shown(userId, '', itemOf(i));
        expect([name, answer.isShown]).toEqual([name, isShown]);
        if (liked === 0) expect([name, answer.isReason]).toEqual([name, false]);
        const whole = await shown(userId, '&includeSeen=true', itemOf(i));
        expect([name, whole.isShown]).toEqual([name, disliked === 0]);
      }
      const { body } = await http()
        .get(`/recommend/${await someone()}?k=${ITEMS}`)
        .expect(200);
      expect(body.model).toMatchObject({ name: 'movies', version: 2 });
      for (const [i, { name, sent, isClick = false }] of SIGNALS.entries()) {
        const before = await clicked();
        const from = { itemId: itemOf(i), recommendationId: body.recommendationId };
        await says(all[i]!.userId, ...sent.map((row) => ({ ...from, ...row })));
        expect([name, (await clicked()) - before]).toEqual([name, Number(isClick)]);
      }
    });

    it('what is disliked is not shown even where seen items are asked for', async () => {
      const [liker, hater] = [await someone(), await someone()];
      await says(liker, { type: 'like' });
      await says(hater, { type: 'dislike' });
      expect((await shown(liker, '&includeSeen=true')).isShown).toBe(true);
      expect((await shown(hater, '&includeSeen=true')).isShown).toBe(false);
    });

    it('an unknown type is named, and counts once it is declared', async () => {
      const userId = await someone();
      const path = `/event-types/${encodeURIComponent('收藏')}`;
      const warning = `Nobody says what 收藏 means: its interactions are stored and do not count until PUT ${path} declares it, or dataset.events of a job`;
      const { body } = await says(userId, { type: '收藏' });
      expect(body).toMatchObject({ accepted: 1, warnings: [warning] });
      expect((await trained(userId)).warnings).toContain(warning);
      await http().get(path).expect(404);
      await http().put(path).send({ meaning: 'positive', weight: 2 }).expect(200);
      expect((await trained(userId)).liked).toBe(2);
      expect(await shown(userId)).toEqual(LIKED);
      const stats = await http().get('/stats').expect(200);
      expect(stats.body.interactions.unknown).not.toContain('收藏');
      expect(stats.body.interactions.unknown).toContain('frobnicate');
      await http().delete(path).expect(204);
      await http().delete(path).expect(404);
      expect(await shown(userId)).toEqual(NOTHING);
    });

    it('half stars are taken once their scale is declared', async () => {
      const userId = await someone();
      const half = { userId, itemId: ITEM, type: 'rating', value: 0.5 };
      const refused = await http()
        .post('/interactions')
        .send({ interactions: [half] })
        .expect(422);
      expect(refused.body.detail).toMatch(/value must be a number from 1 to 5 when type is rating; got 0.5/);
      await http()
        .put('/event-types/rating')
        .send({ scale: { min: 0.5, max: 5, step: 0.5, likedFrom: 4 } })
        .expect(200);
      await http()
        .post('/interactions')
        .send({ interactions: [half] })
        .expect(200);
      expect(await trained(userId)).toMatchObject({ liked: 0, disliked: 1 });
      expect((await shown(userId, '&includeSeen=true')).isShown).toBe(false);
      const fan = await someone();
      await says(fan, { type: 'rating', value: 4.5 });
      expect(await trained(fan)).toMatchObject({ liked: 1, disliked: 0 });
      expect(await shown(fan)).toEqual(LIKED);
      await http().delete('/event-types/rating').expect(204);
    });

    it('clicks without a time are each one, with the time of receipt', async () => {
      const userId = await someone();
      const click = { userId, itemId: ITEM, type: 'click', context: { page: 'search' } };
      const { body } = await http()
        .post('/interactions')
        .send({ interactions: [click, click] })
        .expect(200);
      expect(body).toMatchObject({ accepted: 2, duplicates: 0 });
      const { body: list } = await http().get(`/users/${userId}/interactions?limit=2`).expect(200);
      for (const row of list.data) {
        expect(row).toMatchObject({ itemId: ITEM, timestampSource: 'received', context: { page: 'search' } });
        expect(Date.parse(row.timestamp)).toBeGreaterThan(Date.parse('2026-02-01'));
      }
      expect(await trained(userId)).toMatchObject({ liked: 1, disliked: 0 });
      expect(await shown(userId)).toEqual(LIKED);
    });

    it('lines of one order are told apart by their items, and ids of two users by their users', async () => {
      const [one, other] = [await someone(), await someone()];
      const line = { userId: one, itemId: ITEM, type: 'purchase', eventId: 'order-1' };
      const interactions = [line, { ...line, itemId: 'item-8' }, { ...line, userId: other }, line];
      const { body } = await http().post('/interactions').send({ interactions }).expect(200);
      expect(body).toMatchObject({ accepted: 3, duplicates: 1 });
    });
  });
}
