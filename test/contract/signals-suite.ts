import request from 'supertest';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { buildDataset } from '../../src/dataset/build.ts';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import { planMeanings, readInstalled } from '../../src/training/run/plan-job.ts';
import { blockRows } from '../helpers/data.ts';
import { ITEMS, type LiveService, startLiveService } from '../http/live-service.ts';

type Sent = { type: string; value?: number; timestamp?: string; eventId?: string };

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

    async function shown(userId: string, query = '') {
      const { body } = await http().get(`/recommend/${userId}?k=${ITEMS}&explain=true${query}`).expect(200);
      const items = body.items as { itemId: string; because?: { itemId: string }[] }[];
      return {
        isShown: items.some(({ itemId }) => itemId === ITEM),
        isReason: items.some(({ because = [] }) => because.some(({ itemId }) => itemId === ITEM)),
      };
    }

    const LIKED = { isShown: false, isReason: true };
    const GONE = { isShown: false, isReason: false };
    const NOTHING = { isShown: true, isReason: false };

    it.each<[string, Sent[], { liked: number; disliked: number }, typeof LIKED]>([
      ['like', [{ type: 'like' }], { liked: 1, disliked: 0 }, LIKED],
      ['dislike', [{ type: 'dislike' }], { liked: 0, disliked: 1 }, GONE],
      ['like, then dislike', [{ type: 'like' }, { type: 'dislike' }], { liked: 0, disliked: 1 }, GONE],
      ['click, then dislike', [{ type: 'click' }, { type: 'dislike' }], { liked: 0, disliked: 1 }, GONE],
      ['like, then unlike', [{ type: 'like' }, { type: 'unlike' }], { liked: 0, disliked: 0 }, GONE],
      [
        'a rating of 5, then of 1',
        [
          { type: 'rating', value: 5 },
          { type: 'rating', value: 1 },
        ],
        { liked: 0, disliked: 1 },
        GONE,
      ],
      [
        'a rating of 1, then of 5',
        [
          { type: 'rating', value: 1 },
          { type: 'rating', value: 5 },
        ],
        { liked: 1, disliked: 0 },
        LIKED,
      ],
      ['purchase, then refund', [{ type: 'purchase' }, { type: 'refund' }], { liked: 0, disliked: 0 }, GONE],
      [
        'a purchase of -1',
        [{ type: 'purchase' }, { type: 'purchase', value: -1 }],
        { liked: 0, disliked: 0 },
        GONE,
      ],
      ['ten bought', [{ type: 'purchase', value: 10 }], { liked: Math.log2(11), disliked: 0 }, LIKED],
      ['impression', [{ type: 'impression' }], { liked: 0, disliked: 0 }, NOTHING],
      ['an unknown type', [{ type: 'frobnicate' }], { liked: 0, disliked: 0 }, NOTHING],
    ])('%s', async (_, sent, pair, answer) => {
      const userId = await someone();
      await says(userId, ...sent);
      const { liked, disliked } = await trained(userId);
      expect(liked).toBeCloseTo(pair.liked, 4);
      expect(disliked).toBe(pair.disliked);
      expect(await shown(userId)).toEqual(answer);
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
      const { body } = await says(userId, { type: '收藏' });
      expect(body).toMatchObject({
        accepted: 1,
        warnings: [expect.stringMatching(/^收藏 is stored and does not count until it is declared: PUT /)],
      });
      expect((await trained(userId)).warnings).toContainEqual(
        expect.stringMatching(/^Nobody says what 收藏 means/),
      );
      const path = `/event-types/${encodeURIComponent('收藏')}`;
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
    });

    it('lines of one order are told apart by their items, and ids of two users by their users', async () => {
      const [one, other] = [await someone(), await someone()];
      const line = { userId: one, itemId: ITEM, type: 'purchase', eventId: 'order-1' };
      const interactions = [line, { ...line, itemId: 'item-8' }, { ...line, userId: other }, line];
      const { body } = await http().post('/interactions').send({ interactions }).expect(200);
      expect(body).toMatchObject({ accepted: 3, duplicates: 1 });
    });

    it('a dislike is no click-through', async () => {
      const userId = await someone();
      const { body } = await http().get(`/recommend/${userId}?k=2`).expect(200);
      const [first, second] = body.items as { itemId: string }[];
      const from = { userId, recommendationId: body.recommendationId };
      const online = async () => {
        await service.servedLog.flush();
        const { body: figures } = await http().get('/models/movies/online').expect(200);
        return figures.versions[0].itemsClicked as number;
      };
      const row = { ...from, timestamp: '2026-03-01T00:00:00Z' };
      const post = (itemId: string, type: string) =>
        http()
          .post('/interactions')
          .send({ interactions: [{ ...row, itemId, type }] })
          .expect(200);
      await post(first!.itemId, 'dislike');
      expect(await online()).toBe(0);
      await post(second!.itemId, 'click');
      expect(await online()).toBe(1);
    });
  });
}
