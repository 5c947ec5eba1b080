import { describe, expect, it } from 'vitest';
import type { Store } from '../../src/store/store.ts';
import { distillationJob, newVersion } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

export function sweepSuite({ database }: StoreUnderTest): void {
  describe('what is kept of old jobs', () => {
    const open = async (now: () => number) => (await database(now))();
    const importJob = (id: string) => ({ id, type: 'import', model: null, spec: {} }) as never;
    const rejects = Array.from({ length: 2_500 }, (_, i) => ({ line: i + 1, reason: 'bad', text: 'x' }));

    async function swept(step: () => Promise<number>): Promise<number> {
      let all = 0;
      for (let count = await step(); count > 0; count = await step()) all += count;
      return all;
    }

    async function end(store: Store, id: string): Promise<void> {
      await store.jobs.claim(id, 'queued', {});
      await store.jobs.progress(id, { stage: 'rows', ratio: 0.5 } as never);
      await store.jobs.transition(id, ['running'], 'failed', {
        problem: { code: 'internal', detail: '' } as never,
      });
    }

    it('rejects, logs and progress of old jobs go in steps; those of others and changes of state stay', async () => {
      let time = 1_000;
      const store = await open(() => time);
      for (const id of ['old', 'young', 'unfinished']) {
        await store.jobs.create(importJob(id));
        await store.rejects.add(id, rejects);
        await store.jobs.log(id, [{ at: 1, level: 'info', message: 'begun' }]);
      }
      await end(store, 'old');
      time = 5_000;
      await end(store, 'young');
      expect(await swept(() => store.sweeps.rejects(5_000))).toBe(2_500);
      expect((await store.rejects.list('old', 10)).rows).toEqual([]);
      expect((await store.rejects.list('young', 10)).rows).toHaveLength(10);
      expect((await store.rejects.list('unfinished', 10)).rows).toHaveLength(10);
      expect(await swept(() => store.sweeps.logs(5_000))).toBe(2);
      expect(await store.jobs.logs('old', 0, 10)).toEqual([]);
      expect(await store.jobs.logs('young', 0, 10)).toHaveLength(1);
      const types = async (id: string) => (await store.jobs.events(id, 0, 10)).map(({ type }) => type);
      expect(await types('old')).toEqual(['state', 'state', 'state']);
      expect(await types('young')).toContain('progress');
    });

    it('old jobs go with all that is kept of them, but for those that somebody names', async () => {
      let time = 1_000;
      const store = await open(() => time);
      for (const id of ['made-a-version', 'leads', 'nobody-names'])
        await store.jobs.create(distillationJob(id));
      await store.jobs.create({ ...distillationJob('follows', 'other'), leader: 'leads' });
      for (const id of ['made-a-version', 'leads', 'nobody-names']) await end(store, id);
      await store.models.publish(newVersion({ jobId: 'made-a-version' }), 'stable');
      time = 9_000;
      expect(await swept(() => store.sweeps.jobs(9_000))).toBe(1);
      expect(await store.jobs.get('nobody-names')).toBeNull();
      expect(await store.jobs.events('nobody-names', 0, 10)).toEqual([]);
      expect(await store.jobs.get('made-a-version')).not.toBeNull();
      expect(await store.jobs.get('leads')).not.toBeNull();
    });

    it('answers to idempotent requests go after a day', async () => {
      let time = 0;
      const store = await open(() => time);
      await store.idempotency.begin({ scope: 's', key: 'k', owner: 'o' });
      expect(await store.sweeps.idempotencyKeys()).toBe(0);
      time = 86_400_000;
      expect(await store.sweeps.idempotencyKeys()).toBe(1);
    });
  });
}
