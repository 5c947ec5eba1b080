import { describe, expect, it } from 'vitest';
import type { RuleOutcome } from '../../src/domain/releases/promotion.ts';
import { distillationJob, newVersion } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

const rule: RuleOutcome = {
  rule: 'baseline',
  value: -1,
  limit: 0,
  passed: false,
  decided: 'interval',
  text: 'Below popularity.',
};
const passedRule: RuleOutcome = { ...rule, rule: 'control', passed: true };

export function noticesSuite({ database }: StoreUnderTest): void {
  const open = async (now?: () => number) => (await database(now))();

  describe('notices', () => {
    it('lists the newest first, by kind and model, in pages without gaps or doubles', async () => {
      let now = 1000;
      const { notices } = await open(() => now);
      for (let i = 0; i < 5; i++) {
        now += i % 2;
        const model = i < 3 ? 'movies' : 'books';
        await notices.add({ kind: i === 1 ? 'drift.over' : 'drift.found', model, version: i, data: { i } });
      }
      const first = await notices.list({}, 2);
      const second = await notices.list({}, 2, first.nextCursor!);
      const third = await notices.list({}, 2, second.nextCursor!);
      expect(third.nextCursor).toBeNull();
      const all = [first, second, third].flatMap(({ rows }) => rows);
      expect(all.map(({ data }) => data.i).sort()).toEqual([0, 1, 2, 3, 4]);
      const times = all.map(({ at }) => at);
      expect(times).toEqual([...times].sort().reverse());
      expect((await notices.list({ model: 'books' }, 10)).rows.map(({ data }) => data.i).sort()).toEqual([
        3, 4,
      ]);
      expect((await notices.list({ kind: 'drift.over' }, 10)).rows).toEqual([
        {
          id: expect.stringMatching(/^ntc_/),
          at: '1970-01-01T00:00:01.001Z',
          kind: 'drift.over',
          model: 'movies',
          version: 1,
          job: null,
          data: { i: 1 },
        },
      ]);
      await expect(notices.list({}, 2, 'nonsense')).rejects.toMatchObject({ code: 'invalid-request' });
    });

    it('forgets old ones, so many at once', async () => {
      let now = 0;
      const { notices } = await open(() => now);
      for (now = 0; now < 5; now++) await notices.add({ kind: 'drift.found', data: { now } });
      expect(await notices.forget(3, 2)).toBe(2);
      expect(await notices.forget(3, 2)).toBe(1);
      expect(await notices.forget(3, 2)).toBe(0);
      expect((await notices.list({}, 10)).rows.map(({ data }) => data.now)).toEqual([4, 3]);
    });

    it('tells the end of a job once, with what it failed of, and no other transition', async () => {
      const { jobs, notices } = await open();
      await jobs.create(distillationJob('job-1'));
      await jobs.transition('job-1', ['queued'], 'running');
      const problem = { code: 'trainer-crashed', title: 'It died', detail: 'Out of memory.' } as const;
      expect(await jobs.transition('job-1', ['running'], 'failed', { problem })).toBe(true);
      expect(await jobs.transition('job-1', ['running'], 'failed', { problem })).toBe(false);
      expect((await notices.list({}, 10)).rows).toMatchObject([
        {
          kind: 'job.ended',
          model: 'movies',
          job: 'job-1',
          data: {
            type: 'distillation',
            state: 'failed',
            problem: { code: 'trainer-crashed', detail: 'Out of memory.' },
          },
        },
      ]);
      await jobs.create(distillationJob('job-2'));
      await jobs.transition('job-2', ['queued'], 'cancelled');
      await jobs.create(distillationJob('job-3'));
      await jobs.transition('job-3', ['queued'], 'running');
      await jobs.transition('job-3', ['running'], 'succeeded', { result: { model: 'movies', version: 7 } });
      const ended = (await notices.list({ kind: 'job.ended' }, 10)).rows;
      expect(new Map(ended.map(({ job, data, version }) => [job, [data.state, version]]))).toEqual(
        new Map([
          ['job-3', ['succeeded', 7]],
          ['job-2', ['cancelled', null]],
          ['job-1', ['failed', null]],
        ]),
      );
    });

    it('tells what a gate let through and what it refused, with the rules that were not passed', async () => {
      const { models, notices } = await open();
      const release = { alias: 'stable', isOff: false };
      const gate = (rules: RuleOutcome[], comparedWith: number | null = null) => ({
        ...{ comparedWith, foundUnder: comparedWith === null ? null : 'stable', merit: 1 },
        rules,
      });
      await models.publish(newVersion({ jobId: 'a', gate: gate([passedRule]) }), release);
      await models.publish(newVersion({ jobId: 'b', gate: gate([rule, passedRule], 1) }), release);
      // The same job again, as after a crash: it has been told.
      await models.publish(newVersion({ jobId: 'b', gate: gate([rule, passedRule], 1) }), release);
      const { rows } = await notices.list({}, 10);
      expect(rows).toHaveLength(2);
      expect(rows.find(({ kind }) => kind === 'version.promoted')).toMatchObject({
        model: 'movies',
        version: 1,
        job: 'a',
        data: { alias: 'stable', from: null },
      });
      expect(rows.find(({ kind }) => kind === 'version.refused')).toMatchObject({
        version: 2,
        job: 'b',
        data: { alias: 'stable', comparedWith: 1, rules: [rule] },
      });
    });

    it('tells moves by hand: promoted, rolled back, withdrawn; not one that changes nothing', async () => {
      let now = 1;
      const { models, notices } = await open(() => now++);
      await models.publish(newVersion({ jobId: 'a' }), 'stable');
      await models.publish(newVersion({ jobId: 'b' }), 'trial');
      await models.setAlias('movies', 'stable', 2, undefined, { keyId: 'key-1', reason: 'looks right' });
      await models.setAlias('movies', 'stable', 2);
      await models.setAlias('movies', 'stable', 1, undefined, { action: 'rolled-back' });
      expect(await models.setAlias('movies', 'stable', 2, null)).toBe(false);
      await models.removeAlias('movies', 'stable', (await models.alias('movies', 'stable'))!);
      const { rows } = await notices.list({ model: 'movies' }, 10);
      expect(rows.map(({ kind, version, data }) => [kind, version, data])).toEqual([
        ['version.withdrawn', 1, { alias: 'stable' }],
        ['version.rolled-back', 1, { alias: 'stable', from: 2 }],
        ['version.promoted', 2, { alias: 'stable', from: 1, keyId: 'key-1', reason: 'looks right' }],
        ['version.promoted', 2, { alias: 'trial', from: null }],
        ['version.promoted', 1, { alias: 'stable', from: null }],
      ]);
    });

    it('tells nothing of a change that did not come to be', async () => {
      const { models, notices } = await open();
      await expect(models.setAlias('movies', 'stable', 9)).rejects.toMatchObject({ code: 'not-found' });
      expect((await notices.list({}, 10)).rows).toEqual([]);
    });
  });
}
