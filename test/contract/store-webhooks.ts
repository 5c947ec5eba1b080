import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

const HOOK = {
  id: 'whk_1',
  url: 'https://hooks.example.com/a',
  kinds: null,
  models: null,
  enabled: true,
  secret: 'plain:whsec_x',
};
const notice = (model = 'movies') => ({ kind: 'drift.found', model, data: { ndcg: 0.2 } }) as const;

async function claimNext(store: Store, leaseMs = 1000) {
  const [due] = await store.webhooks.due(1);
  return due ? store.webhooks.claim(due.id, leaseMs) : null;
}

export function webhooksSuite({ database }: StoreUnderTest): void {
  const open = async (now?: () => number) => (await database(now))();

  describe('webhooks', () => {
    it('keeps, changes and removes them, and says nothing of the secret', async () => {
      const { webhooks } = await open(() => 0);
      const made = await webhooks.create({ ...HOOK, kinds: ['job.ended'], models: ['movies'] }, 2);
      expect(made).toEqual({
        id: 'whk_1',
        url: HOOK.url,
        kinds: ['job.ended'],
        models: ['movies'],
        enabled: true,
        disabledBecause: null,
        createdAt: '1970-01-01T00:00:00.000Z',
        lastDelivery: null,
        failures: 0,
        waiting: 0,
      });
      const changed = await webhooks.change('whk_1', { kinds: null, enabled: false, secret: 'sealed:x' });
      expect(changed).toMatchObject({ kinds: null, models: ['movies'], enabled: false });
      expect(await webhooks.get('whk_1')).toEqual(changed);
      await webhooks.create({ ...HOOK, id: 'whk_2' }, 2);
      await expect(webhooks.create({ ...HOOK, id: 'whk_3' }, 2)).rejects.toMatchObject({ code: 'conflict' });
      expect((await webhooks.list()).map(({ id }) => id)).toEqual(['whk_1', 'whk_2']);
      expect(await webhooks.remove('whk_1')).toBe(true);
      expect(await webhooks.remove('whk_1')).toBe(false);
      expect(await webhooks.get('whk_1')).toBeNull();
      expect(await webhooks.change('whk_1', { enabled: true })).toBeNull();
      expect(await webhooks.test('whk_1')).toBeNull();
    });

    it('a notice becomes due for those that want it, in the transaction of the notice', async () => {
      const store = await open(() => 1000);
      await store.webhooks.create(HOOK, 9);
      await store.webhooks.create({ ...HOOK, id: 'whk_2', models: ['books'] }, 9);
      await store.webhooks.create({ ...HOOK, id: 'whk_3', enabled: false }, 9);
      await store.notices.add(notice());
      expect(await store.webhooks.due(9)).toHaveLength(1);
      const claimed = await claimNext(store);
      expect(claimed).toMatchObject({ webhookId: 'whk_1', url: HOOK.url, secret: HOOK.secret, attempt: 1 });
      const id = (await store.notices.list({}, 1)).rows[0]?.id;
      expect(JSON.parse(claimed!.body)).toEqual({
        type: 'drift.found',
        timestamp: '1970-01-01T00:00:01.000Z',
        data: { notice: id, model: 'movies', version: null, job: null, ndcg: 0.2 },
      });
    });

    it('a delivery goes on with the trace of its job', async () => {
      const store = await open(() => 1000);
      await store.webhooks.create(HOOK, 9);
      const trace = { traceparent: 'a place in a trace' };
      await store.jobs.create({ id: 'job-1', type: 'import', model: null, spec: {} as never, trace });
      await store.jobs.transition('job-1', ['queued'], 'cancelled');
      expect((await claimNext(store))?.trace).toEqual(trace);
      await store.notices.add(notice());
      expect((await claimNext(store))?.trace).toBeUndefined();
    });

    it('a claim has one winner, and is due again when its time is over', async () => {
      let now = 0;
      const store = await open(() => now);
      await store.webhooks.create(HOOK, 9);
      await store.notices.add(notice());
      const [due] = await store.webhooks.due(9);
      const claims = await Promise.all([1, 2, 3].map(() => store.webhooks.claim(due!.id, 1000)));
      expect(claims.filter((one) => one !== null)).toHaveLength(1);
      expect(await store.webhooks.due(9)).toEqual([]);
      now = 1000;
      expect(await store.webhooks.due(9)).toEqual([{ id: due!.id, attempts: 1 }]);
      const second = await store.webhooks.claim(due!.id, 1000);
      expect(second?.attempt).toBe(2);
      // The first was not dead, only late: it no longer counts.
      await store.webhooks.failed({ id: due!.id, attempt: 1 }, { error: 'late', status: null, nextAt: null });
      expect((await store.webhooks.deliveries('whk_1', {}, 9)).rows[0]).toMatchObject({ state: 'pending' });
      await store.webhooks.delivered(second!, 204);
      const [delivery] = (await store.webhooks.deliveries('whk_1', {}, 9)).rows;
      expect(delivery).toMatchObject({ state: 'delivered', attempts: 2, status: 204, nextAttemptAt: null });
      expect(await store.webhooks.get('whk_1')).toMatchObject({
        lastDelivery: delivery,
        failures: 0,
        waiting: 0,
      });
    });

    it('a failure waits for its time, counts, is given up, and can be sent again', async () => {
      let now = 0;
      const store = await open(() => now);
      await store.webhooks.create(HOOK, 9);
      await store.notices.add(notice());
      await store.webhooks.failed((await claimNext(store))!, {
        error: 'no answer',
        status: null,
        nextAt: 500,
      });
      expect(await store.webhooks.get('whk_1')).toMatchObject({ failures: 1, waiting: 1 });
      now = 499;
      expect(await store.webhooks.due(9)).toEqual([]);
      now = 500;
      await store.webhooks.failed((await claimNext(store))!, { error: 'was 500', status: 500, nextAt: null });
      const failed = (await store.webhooks.deliveries('whk_1', { state: 'failed' }, 9)).rows;
      expect(failed).toMatchObject([{ state: 'failed', attempts: 2, status: 500, error: 'was 500' }]);
      expect(await store.webhooks.counts()).toEqual({ pending: 0, delivered: 0, failed: 1 });
      now = 9999;
      expect(await store.webhooks.due(9)).toEqual([]);
      expect(await store.webhooks.retry('whk_2', failed[0]!.id)).toBeNull();
      expect(await store.webhooks.retry('whk_1', 'msg_0')).toBeNull();
      expect(await store.webhooks.retry('whk_1', failed[0]!.id)).toMatchObject({
        state: 'pending',
        attempts: 0,
      });
      await store.webhooks.delivered((await claimNext(store))!, 200);
      expect(await store.webhooks.get('whk_1')).toMatchObject({ failures: 0, waiting: 0 });
    });

    it('one that is off gets nothing but tests, and goes on where it stood when it is on again', async () => {
      const store = await open();
      await store.webhooks.create(HOOK, 9);
      await store.notices.add(notice('first'));
      await store.webhooks.failed((await claimNext(store))!, {
        ...{ error: 'gone', status: 410, nextAt: null },
        disable: 'The answer was 410.',
      });
      expect(await store.webhooks.get('whk_1')).toMatchObject({
        enabled: false,
        disabledBecause: 'The answer was 410.',
      });
      await store.notices.add(notice('meanwhile'));
      expect(await store.webhooks.due(9)).toEqual([]);
      expect(await store.webhooks.test('whk_1')).toMatchObject({ kind: 'webhook.test', state: 'pending' });
      expect(JSON.parse((await claimNext(store))!.body).data).toEqual({ webhook: 'whk_1' });
      await store.webhooks.change('whk_1', { enabled: true });
      expect(await store.webhooks.get('whk_1')).toMatchObject({ enabled: true, disabledBecause: null });
      await store.notices.add(notice('after'));
      expect(JSON.parse((await claimNext(store))!.body).data.model).toBe('after');
    });

    it('lists deliveries in pages and forgets those that are over', async () => {
      let now = 0;
      const store = await open(() => now);
      await store.webhooks.create(HOOK, 9);
      for (now = 0; now < 5; now++) await store.notices.add(notice());
      for (let i = 0; i < 3; i++) await store.webhooks.delivered((await claimNext(store))!, 200);
      const first = await store.webhooks.deliveries('whk_1', {}, 3);
      const second = await store.webhooks.deliveries('whk_1', {}, 3, first.nextCursor!);
      expect(second.nextCursor).toBeNull();
      const times = [...first.rows, ...second.rows].map(({ createdAt }) => Date.parse(createdAt));
      expect(times).toEqual([4, 3, 2, 1, 0]);
      expect(await store.webhooks.forget(2, 1)).toBe(1);
      expect(await store.webhooks.forget(2, 9)).toBe(1);
      expect(await store.webhooks.forget(100, 9)).toBe(1);
      expect(await store.webhooks.counts()).toEqual({ pending: 2, delivered: 0, failed: 0 });
    });
  });
}
