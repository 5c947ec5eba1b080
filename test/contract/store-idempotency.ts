import { describe, expect, it } from 'vitest';
import { distillationJob } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

const HOUR = 3_600_000;
const REQUEST = { scope: 'key-1 startJob', key: 'abc', owner: 'request-1' };

export function idempotencySuite({ database }: StoreUnderTest): void {
  describe('idempotency keys', () => {
    it('are new once, in flight until the job is there, and then done for 24 hours', async () => {
      let now = Date.parse('2026-03-01T12:00:00Z');
      const open = await database(() => now);
      const [one, two] = [await open(), await open()];
      const kinds = await Promise.all([one, two].map((store) => store.idempotency.begin(REQUEST)));
      expect(kinds.map(({ kind }) => kind).sort()).toEqual(['in-flight', 'new']);
      await one.jobs.create(distillationJob('job-1'), { answers: { ...REQUEST, fingerprint: 'f' } });
      now += 23 * HOUR;
      expect(await two.idempotency.begin(REQUEST)).toEqual({
        kind: 'done',
        jobId: 'job-1',
        fingerprint: 'f',
      });
      now += HOUR;
      expect(await two.idempotency.begin(REQUEST)).toEqual({ kind: 'new' });
    });

    it('of two requesters or operations do not meet', async () => {
      const { idempotency } = await (await database())();
      await idempotency.begin(REQUEST);
      expect(await idempotency.begin({ ...REQUEST, scope: 'key-2 startJob' })).toEqual({ kind: 'new' });
    });

    it('are free again when the request failed, when its job was taken back, and when its process died', async () => {
      let now = Date.parse('2026-03-01T12:00:00Z');
      const { jobs, idempotency } = await (await database(() => now))();
      await idempotency.begin(REQUEST);
      await idempotency.forget(REQUEST);
      expect(await idempotency.begin(REQUEST)).toEqual({ kind: 'new' });
      await jobs.create(distillationJob('job-1'), { answers: { ...REQUEST, fingerprint: 'f' } });
      await idempotency.forget(REQUEST);
      expect((await idempotency.begin(REQUEST)).kind).toBe('done');
      await jobs.remove('job-1');
      expect(await idempotency.begin(REQUEST)).toEqual({ kind: 'new' });
      now += 5_000;
      expect(await idempotency.begin(REQUEST)).toEqual({ kind: 'in-flight' });
      await idempotency.renew(REQUEST);
      now += 5_000;
      expect(await idempotency.begin(REQUEST)).toEqual({ kind: 'in-flight' });
      now += 5_000;
      expect(await idempotency.begin(REQUEST)).toEqual({ kind: 'new' });
    });

    it('that were lost to another request create no job', async () => {
      let now = Date.parse('2026-03-01T12:00:00Z');
      const { jobs, idempotency } = await (await database(() => now))();
      await idempotency.begin(REQUEST);
      now += 10_000;
      const other = { ...REQUEST, owner: 'request-2' };
      expect(await idempotency.begin(other)).toEqual({ kind: 'new' });
      await idempotency.renew(REQUEST);
      await idempotency.forget(REQUEST);
      const late = jobs.create(distillationJob('job-1'), { answers: { ...REQUEST, fingerprint: 'f' } });
      await expect(late).rejects.toMatchObject({ code: 'conflict' });
      expect(await jobs.get('job-1')).toBeNull();
      await jobs.create(distillationJob('job-2'), { answers: { ...other, fingerprint: 'f' } });
      expect(await idempotency.begin(REQUEST)).toMatchObject({ kind: 'done', jobId: 'job-2' });
    });
  });
}
