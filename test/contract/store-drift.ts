import { describe, expect, it } from 'vitest';
import type { DriftFigures, NewDriftCheck } from '../../src/domain/drift/drift-check.ts';
import type { JobTemplate } from '../../src/store/jobs/contract.ts';
import type { Store } from '../../src/store/store.ts';
import { distillationJob, newVersion } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

const HOUR = 3_600_000;
const settings = { cron: '0 5 * * *', limits: { overlap: 0.5 } };
const figures: DriftFigures = {
  ...{ version: 4, sampled: 100, users: 50, pairs: 90, ndcg: null, teacherNdcg: null, ndcgRetained: null },
  ...{ overlap: { value: 0.4, low: 0.3, high: 0.5 }, popularityShare: 0, unknownItems: 0, notes: [] },
};
const broken = [{ measure: 'overlap', value: 0.4, limit: 0.5, text: 'overlap is 0.4.' }];
const drifted: NewDriftCheck = { state: 'drifted', figures, broken };
const fine: NewDriftCheck = { state: 'fine', figures, broken: [] };
const { id: _id, ...job }: JobTemplate & { id: string } = distillationJob('');
const retrain = { job, pauseMs: HOUR };

export function driftSuite({ database }: StoreUnderTest): void {
  describe('drift', () => {
    /** A model that is watched, with a clock to turn. */
    async function watched() {
      const clock = { now: 0 };
      const store = await (await database(() => clock.now))();
      await store.drift.put('movies', { settings, job, nextAt: 100, keyId: 'key-1' });
      return { clock, store };
    }
    /** Makes the check that is due. */
    async function check(store: Store, end: NewDriftCheck, more: object = {}) {
      const claimed = (await store.drift.claim(1000))!;
      return store.drift.record(claimed, { check: end, nextAt: 1e12, retrain: null, ...more });
    }
    const kindsOf = async ({ notices }: Store) =>
      (await notices.list({}, 9)).rows.map(({ kind }) => kind).reverse();

    it('keeps settings, and takes others in their place', async () => {
      const { store } = await watched();
      expect(await store.drift.get('movies')).toEqual({
        settings,
        nextAt: '1970-01-01T00:00:00.100Z',
        drifted: false,
        keyId: 'key-1',
      });
      const other = { cron: '0 6 * * *' };
      await store.drift.put('movies', { settings: other, job: null, nextAt: 200, keyId: null });
      expect(await store.drift.get('movies')).toMatchObject({ settings: other, keyId: null });
      expect(await store.drift.get('books')).toBeNull();
      expect(await store.drift.remove('movies')).toBe(true);
      expect(await store.drift.remove('movies')).toBe(false);
      expect(await store.drift.hurry('movies')).toBe(false);
    });

    it('a check that is due has one taker, and is due again when that one is lost', async () => {
      const { clock, store } = await watched();
      expect(await store.drift.claim(1000)).toBeNull();
      clock.now = 100;
      const claims = await Promise.all([1, 2, 3].map(() => store.drift.claim(1000)));
      const [first, ...more] = claims.filter((one) => one !== null);
      expect(more).toEqual([]);
      expect(first).toMatchObject({ model: 'movies', settings, job, keyId: 'key-1' });
      clock.now = 1000;
      expect(await store.drift.renew(first!, 1000)).toBe(true);
      clock.now = 1999;
      expect(await store.drift.claim(1000)).toBeNull();
      clock.now = 2000;
      const second = await store.drift.claim(1000);
      expect(await store.drift.renew(first!, 1000)).toBe(false);
      expect(await store.drift.record(first!, { check: fine, nextAt: 5000, retrain: null })).toBeNull();
      expect(await store.drift.record(second!, { check: fine, nextAt: 5000, retrain: null })).toMatchObject(
        fine,
      );
      expect(await store.drift.claim(1000)).toBeNull();
      clock.now = 5000;
      expect(await store.drift.claim(1000)).not.toBeNull();
    });

    it('settings that change while a check runs make it void', async () => {
      const { clock, store } = await watched();
      clock.now = 100;
      const claimed = (await store.drift.claim(1000))!;
      await store.drift.put('movies', { settings, job: null, nextAt: 300, keyId: null });
      expect(await store.drift.record(claimed, { check: drifted, nextAt: 500, retrain })).toBeNull();
      expect((await store.drift.checks('movies', 9)).rows).toEqual([]);
      expect((await store.jobs.list({}, 9)).rows).toEqual([]);
    });

    it('tells when drift begins and when it is over, once each', async () => {
      const { clock, store } = await watched();
      const states = [
        fine,
        drifted,
        drifted,
        { ...fine, state: 'not-measured' as const },
        drifted,
        fine,
        fine,
      ];
      for (const state of states) {
        clock.now += 1000;
        await store.drift.hurry('movies');
        await check(store, state);
      }
      expect(await kindsOf(store)).toEqual(['drift.found', 'drift.over']);
      const [found] = (await store.notices.list({ kind: 'drift.found' }, 9)).rows;
      expect(found).toMatchObject({ model: 'movies', version: 4, job: null, data: { broken, figures } });
    });

    it('starts one job at a time, with a pause between, and says why there is none', async () => {
      const { clock, store } = await watched();
      clock.now = 1000;
      const first = await check(store, drifted, { retrain });
      const jobId = first!.retraining!.jobId!;
      expect(await store.jobs.get(jobId)).toMatchObject({
        state: 'queued',
        model: 'movies',
        type: 'distillation',
      });
      expect((await store.notices.list({}, 9)).rows).toMatchObject([{ kind: 'drift.found', job: jobId }]);
      const again = async (more = {}) => {
        await store.drift.hurry('movies');
        return (await check(store, drifted, { retrain, ...more }))!.retraining;
      };
      clock.now += 2 * HOUR;
      expect(await again()).toEqual({
        jobId: null,
        reason: `The last job for drift, ${jobId}, is still queued.`,
      });
      await store.jobs.transition(jobId, ['queued'], 'cancelled');
      clock.now = 1000 + HOUR - 1;
      expect(await again()).toMatchObject({
        jobId: null,
        reason: expect.stringContaining('the next may start at'),
      });
      clock.now = 1000 + HOUR;
      await store.jobs.create(distillationJob('another'));
      expect(await again({ mostQueued: 1 })).toMatchObject({
        jobId: null,
        reason: expect.stringContaining('waiting'),
      });
      expect(await again({ retrain: { reason: 'no record' } })).toEqual({ jobId: null, reason: 'no record' });
      expect(await again()).toMatchObject({ jobId: expect.stringMatching(/^job_/), reason: null });
    });

    it('a model that is fine starts nothing', async () => {
      const { clock, store } = await watched();
      clock.now = 1000;
      expect((await check(store, fine, { retrain }))!.retraining).toBeNull();
      expect((await store.jobs.list({}, 9)).rows).toEqual([]);
    });

    it('lists checks in pages, knows the newest of each, and forgets old ones', async () => {
      const { clock, store } = await watched();
      for (let i = 1; i <= 5; i++) {
        clock.now = 1000 * i;
        await store.drift.hurry('movies');
        await check(store, { ...fine, figures: { ...figures, pairs: i } });
      }
      const first = await store.drift.checks('movies', 3);
      const second = await store.drift.checks('movies', 3, first.nextCursor!);
      expect([...first.rows, ...second.rows].map((one) => one.figures.pairs)).toEqual([5, 4, 3, 2, 1]);
      expect(second.nextCursor).toBeNull();
      expect(await store.drift.latest()).toMatchObject([
        { model: 'movies', check: { figures: { pairs: 5 } } },
      ]);
      expect(await store.drift.forget(3000, 1)).toBe(1);
      expect(await store.drift.forget(3000, 9)).toBe(1);
      expect((await store.drift.checks('movies', 9)).rows).toHaveLength(3);
    });

    it('goes with its model', async () => {
      const { clock, store } = await watched();
      clock.now = 1000;
      await check(store, fine);
      await store.models.publish(newVersion(), 'stable');
      await store.models.removeAlias('movies', 'stable', (await store.models.alias('movies', 'stable'))!);
      expect(await store.models.removeModel('movies')).toBe(1);
      expect(await store.drift.get('movies')).toBeNull();
      expect((await store.drift.checks('movies', 9)).rows).toEqual([]);
    });
  });
}
