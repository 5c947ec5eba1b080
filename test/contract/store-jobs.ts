import { describe, expect, it } from 'vitest';
import type { JobPlan } from '../../src/domain/jobs/job-plan.ts';
import type { NewJob } from '../../src/store/jobs/contract.ts';
import { distillationJob } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

const START = Date.parse('2026-03-01T12:00:00Z');

export function jobsSuite({ database }: StoreUnderTest): void {
  describe('jobs', () => {
    it('begins a job as queued, with its first event', async () => {
      const { jobs } = await (await database(() => START))();
      const job = await jobs.create(distillationJob('job-1'));
      expect(job).toEqual({
        id: 'job-1',
        type: 'distillation',
        state: 'queued',
        model: 'movies',
        spec: { model: 'movies' },
        attempts: 0,
        createdAt: '2026-03-01T12:00:00.000Z',
        startedAt: null,
        finishedAt: null,
        progress: null,
        result: null,
        problem: null,
        retriedFrom: null,
        leader: null,
        keyId: null,
        scheduleId: null,
      });
      expect(await jobs.get('job-1')).toEqual(job);
      expect(await jobs.events('job-1', 0, 10)).toEqual([
        { seq: 1, at: job.createdAt, type: 'state', data: { state: 'queued' } },
      ]);
    });

    it('keeps the plan of a job, and tells how right the plans of those were that did all of their work', async () => {
      let now = START;
      const { jobs } = await (await database(() => now))();
      const plan = { spec: { model: 'movies' }, expected: { plannedSeconds: 10 } } as unknown as JobPlan;
      const ran = async (id: string, more: Partial<NewJob> = {}) => {
        await jobs.create({ ...distillationJob(id), plan, ...more });
        await jobs.claim(id, 'queued', {});
        now += 5000;
        await jobs.transition(id, ['running'], 'succeeded');
      };
      await ran('job-1');
      await ran('job-2', { retriedFrom: 'job-1' });
      await ran('job-3', { leader: 'job-1' });
      await jobs.create(distillationJob('job-4'));
      expect((await jobs.get('job-1'))?.plan).toEqual(plan);
      expect((await jobs.get('job-4'))?.plan).toBeUndefined();
      await jobs.keepPlan('job-4', plan);
      await jobs.keepPlan('job-none', plan);
      expect((await jobs.get('job-4'))?.plan).toEqual(plan);
      expect((await jobs.list({}, 10)).rows.every((job) => job.plan === undefined)).toBe(true);
      expect(await jobs.planned(10)).toEqual([
        { id: 'job-1', task: 'single-label', plannedSeconds: 10, seconds: 5 },
      ]);
    });

    it('keeps where the trace of a job goes on: what it came with, or else what is said first', async () => {
      const { jobs } = await (await database())();
      const [first, second] = ['01', '02'].map((end) => ({ traceparent: `trace-${end}`, tracestate: 'a=1' }));
      await jobs.create({ ...distillationJob('job-1'), trace: first! });
      await jobs.create(distillationJob('job-2'));
      expect((await jobs.get('job-2'))?.trace).toBeUndefined();
      for (const id of ['job-1', 'job-2']) await jobs.keepTrace(id, second!);
      await jobs.keepTrace('job-2', first!);
      expect((await jobs.get('job-1'))?.trace).toEqual(first);
      expect((await jobs.get('job-2'))?.trace).toEqual(second);
    });

    it('refuses an id that is taken and leaves the first job as it was', async () => {
      const { jobs } = await (await database())();
      await jobs.create(distillationJob('job-1', 'movies'));
      await expect(jobs.create(distillationJob('job-1', 'books'))).rejects.toMatchObject({
        code: 'conflict',
      });
      expect((await jobs.get('job-1'))?.model).toBe('movies');
      expect(await jobs.events('job-1', 0, 10)).toHaveLength(1);
    });

    it('seals queries of addresses that earlier releases stored, wherever they are told of', async () => {
      const { jobs } = await (await database())();
      const url = 'https://files.example/a.csv?sig="s3cret"&x=1';
      const job = { type: 'import', model: null } as const;
      const spec = { type: 'import', kind: 'items', format: 'csv' };
      await jobs.create({ ...job, id: 'job-1', spec: { ...spec, url } as never });
      await jobs.create({
        ...job,
        id: 'job-2',
        spec: { ...spec, url: 'https://files.example/b.csv' } as never,
      });
      await jobs.transition('job-1', ['queued'], 'running');
      await jobs.log('job-1', [{ at: START, level: 'warn', message: `${url} is away` }]);
      await jobs.warn('job-1', `${url} is slow`);
      const problem = { code: 'source-unavailable', title: 'x', status: 502, detail: `${url} is away` };
      await jobs.transition('job-1', ['running'], 'failed', { problem } as never);
      const seal = (query: string) => Buffer.from(query).toString('hex');
      expect(await jobs.sealQueries(seal)).toBe(1);
      expect(await jobs.sealQueries(seal)).toBe(0);
      const all = [
        await jobs.get('job-1'),
        await jobs.events('job-1', 0, 10),
        await jobs.logs('job-1', 0, 10),
      ];
      expect(JSON.stringify(all)).not.toContain('s3cret');
      expect(all[0]).toMatchObject({
        spec: { url: 'https://files.example/a.csv', sealedQuery: seal('?sig="s3cret"&x=1') },
        problem: { detail: 'https://files.example/a.csv is away' },
      });
      expect((await jobs.get('job-2'))?.spec).toEqual({ ...spec, url: 'https://files.example/b.csv' });
    });

    it('does not know what was never made', async () => {
      const { jobs } = await (await database())();
      expect(await jobs.get('nope')).toBeNull();
      expect(await jobs.events('nope', 0, 10)).toEqual([]);
      expect(await jobs.transition('nope', ['queued'], 'running')).toBe(false);
    });

    it('lets times and attempts follow from the states', async () => {
      let now = START;
      const { jobs } = await (await database(() => now))();
      await jobs.create(distillationJob('job-1'));
      now += 1000;
      expect(await jobs.transition('job-1', ['queued'], 'running')).toBe(true);
      expect(await jobs.get('job-1')).toMatchObject({
        state: 'running',
        attempts: 1,
        startedAt: '2026-03-01T12:00:01.000Z',
        finishedAt: null,
      });
      now += 1000;
      const failure = { code: 'not-enough-data', title: 'There is not enough data', detail: 'Send more' };
      await jobs.transition('job-1', ['running'], 'failed', { problem: failure });
      expect(await jobs.get('job-1')).toMatchObject({
        state: 'failed',
        finishedAt: '2026-03-01T12:00:02.000Z',
        problem: { ...failure, status: 422, type: 'about:blank' },
      });
      // A code of an older release, which the catalogue has no more.
      await jobs.transition('job-1', ['failed'], 'failed', {
        problem: { ...failure, code: 'too-few-stars' },
      });
      expect((await jobs.get('job-1'))?.problem).toEqual({
        ...failure,
        code: 'internal',
        status: 500,
        type: 'about:blank',
      });
      await jobs.transition('job-1', ['failed'], 'queued');
      expect(await jobs.get('job-1')).toMatchObject({
        attempts: 1,
        startedAt: null,
        finishedAt: null,
        problem: null,
      });
      await jobs.transition('job-1', ['queued'], 'running');
      await jobs.transition('job-1', ['running'], 'succeeded', { result: { model: 'movies', version: 4 } });
      expect(await jobs.get('job-1')).toMatchObject({ attempts: 2, result: { model: 'movies', version: 4 } });
    });

    it('does nothing when the job is in another state', async () => {
      const { jobs } = await (await database())();
      await jobs.create(distillationJob('job-1'));
      expect(await jobs.transition('job-1', ['running', 'cancelling'], 'failed')).toBe(false);
      expect(await jobs.transition('job-1', [], 'failed')).toBe(false);
      expect((await jobs.get('job-1'))?.state).toBe('queued');
      expect(await jobs.events('job-1', 0, 10)).toHaveLength(1);
    });

    it('lets exactly one of many processes have a transition', async () => {
      const open = await database();
      const stores = [await open(), await open(), await open()];
      await stores[0]!.jobs.create(distillationJob('job-1'));
      const won = await Promise.all(
        stores.flatMap(({ jobs }) => [
          jobs.transition('job-1', ['queued'], 'running'),
          jobs.transition('job-1', ['queued'], 'cancelled'),
        ]),
      );
      expect(won.filter(Boolean)).toHaveLength(1);
      expect(await stores[0]!.jobs.events('job-1', 0, 10)).toHaveLength(2);
    });

    it('numbers the events of a job without gaps, whoever writes them', async () => {
      const open = await database();
      const stores = [await open(), await open()];
      await stores[0]!.jobs.create(distillationJob('job-1'));
      await stores[0]!.jobs.create(distillationJob('job-2'));
      await stores[0]!.jobs.transition('job-1', ['queued'], 'running');
      await Promise.all(
        Array.from({ length: 20 }, (_, i) => [
          stores[i % 2]!.jobs.progress('job-1', { stage: 'teacher', fraction: i / 20 }),
          stores[(i + 1) % 2]!.jobs.warn('job-1', `warning ${i}`),
          stores[i % 2]!.jobs.transition('job-1', ['queued'], 'running'),
        ]).flat(),
      );
      const events = await stores[1]!.jobs.events('job-1', 0, 1000);
      expect(events.map((event) => event.seq)).toEqual(Array.from({ length: 42 }, (_, i) => i + 1));
      expect(await stores[1]!.jobs.events('job-2', 0, 1000)).toHaveLength(1);
    });

    it('reads events on from a number, oldest first', async () => {
      const { jobs } = await (await database())();
      await jobs.create(distillationJob('job-1'));
      for (const text of ['a', 'b', 'c']) await jobs.warn('job-1', text);
      const events = await jobs.events('job-1', 2, 2);
      expect(events.map(({ seq, type, data }) => [seq, type, data])).toEqual([
        [3, 'warning', { message: 'b' }],
        [4, 'warning', { message: 'c' }],
      ]);
    });

    it('takes progress only while the job runs', async () => {
      const { jobs } = await (await database())();
      await jobs.create(distillationJob('job-1'));
      await jobs.progress('job-1', { stage: 'teacher', fraction: 0.1 });
      expect((await jobs.get('job-1'))?.progress).toBeNull();
      await jobs.transition('job-1', ['queued'], 'running');
      const progress = { stage: 'teacher', fraction: 0.5, losses: { softLabels: 1.5 } };
      await jobs.progress('job-1', progress);
      expect((await jobs.get('job-1'))?.progress).toEqual(progress);
      expect((await jobs.events('job-1', 2, 9)).map(({ type, data }) => [type, data])).toEqual([
        ['progress', progress],
      ]);
      await jobs.transition('job-1', ['running'], 'cancelling');
      await jobs.progress('job-1', { stage: 'late', fraction: 0.9 });
      expect((await jobs.get('job-1'))?.progress).toEqual(progress);
    });

    it('lists the newest first, filtered, in pages that cover every job once', async () => {
      let now = START;
      const { jobs } = await (await database(() => now))();
      for (let i = 0; i < 7; i++) {
        await jobs.create(distillationJob(`job-${i}`, i % 2 ? 'books' : 'movies'));
        if (i !== 3) now += 1000;
      }
      await jobs.transition('job-2', ['queued'], 'running');
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await jobs.list({}, 2, cursor ?? undefined);
        seen.push(...page.rows.map((job) => job.id));
        cursor = page.nextCursor;
      } while (cursor !== null);
      expect(seen).toEqual(['job-6', 'job-5', 'job-4', 'job-3', 'job-2', 'job-1', 'job-0']);
      const ids = async (filter: Parameters<typeof jobs.list>[0]) =>
        (await jobs.list(filter, 10)).rows.map((job) => job.id);
      expect(await ids({ model: 'books' })).toEqual(['job-5', 'job-3', 'job-1']);
      expect(await ids({ state: 'running' })).toEqual(['job-2']);
      expect(await ids({ type: 'import' })).toEqual([]);
      await expect(jobs.list({}, 2, 'nonsense')).rejects.toMatchObject({ code: 'invalid-request' });
    });

    it('counts the unfinished jobs of one type', async () => {
      const { jobs } = await (await database())();
      const importJob: NewJob = {
        id: 'import-1',
        type: 'import',
        model: null,
        spec: { type: 'import', kind: 'items', format: 'csv', file: 'imports/1.csv', bytes: 10 },
      };
      await jobs.create(importJob);
      for (const id of ['a', 'b', 'c']) await jobs.create(distillationJob(id));
      await jobs.transition('a', ['queued'], 'running');
      await jobs.transition('b', ['queued'], 'cancelled');
      expect(await jobs.countUnfinished('distillation')).toBe(2);
      expect(await jobs.countUnfinished('import')).toBe(1);
    });

    it('forgets a queued job with its events, and only a queued one', async () => {
      const { jobs } = await (await database())();
      await jobs.create(distillationJob('a'));
      await jobs.create(distillationJob('b'));
      await jobs.transition('b', ['queued'], 'running');
      await jobs.remove('a');
      await jobs.remove('b');
      expect(await jobs.get('a')).toBeNull();
      expect(await jobs.events('a', 0, 10)).toEqual([]);
      expect(await jobs.get('b')).not.toBeNull();
    });

    it('remembers who asked, what it is a retry of and what makes it wait', async () => {
      const { jobs } = await (await database())();
      const job = await jobs.create({
        ...distillationJob('job-2'),
        retriedFrom: 'job-1',
        keyId: '9f86d081884c',
        priority: 3,
      });
      expect(job).toMatchObject({ retriedFrom: 'job-1', keyId: '9f86d081884c' });
    });

    it('refuses more jobs than may wait', async () => {
      const { jobs } = await (await database())();
      await jobs.create(distillationJob('job-1'), { mostQueued: 1 });
      await expect(jobs.create(distillationJob('job-2'), { mostQueued: 1 })).rejects.toMatchObject({
        code: 'queue-full',
        detail: expect.stringMatching(/^1 jobs are waiting, and no more than 1 may/),
      });
      await jobs.transition('job-1', ['queued'], 'running');
      await jobs.create(distillationJob('job-2'), { mostQueued: 1 });
    });

    it('lets one of two processes claim, one job per model, and no more than may run', async () => {
      const open = await database();
      const [one, two] = [await open(), await open()];
      for (const id of ['job-1', 'job-2']) {
        await one.jobs.create({ ...distillationJob(id, 'movies'), exclusive: 'movies' });
      }
      await one.jobs.create({ ...distillationJob('job-3', 'books'), exclusive: 'books' });
      const both = await Promise.all([one, two].map(({ jobs }) => jobs.claim('job-1', 'queued', {})));
      expect(both.sort()).toEqual(['claimed', 'lost']);
      expect(await two.jobs.claim('job-2', 'queued', {})).toBe('model-busy');
      expect(await two.jobs.claim('job-3', 'queued', { mostRunning: 1 })).toBe('all-busy');
      expect(await two.jobs.claim('job-3', 'queued', { mostRunning: 2 })).toBe('claimed');
      expect(await two.jobs.claim('job-none', 'queued', {})).toBe('lost');
      await one.jobs.transition('job-1', ['running'], 'cancelling');
      expect(await two.jobs.claim('job-2', 'queued', {})).toBe('model-busy');
      await one.jobs.transition('job-1', ['cancelling'], 'cancelled');
      const waiting = await one.jobs.waitingFor({ id: 'job-1', type: 'distillation', model: 'movies' });
      expect(new Set(waiting.map(({ id }) => id))).toEqual(new Set(['job-2']));
      expect(await two.jobs.claim('job-2', 'queued', {})).toBe('claimed');
    });

    it('numbers log lines of one job without gaps, whoever writes them', async () => {
      const open = await database(() => START);
      const [one, two] = [await open(), await open()];
      await one.jobs.create(distillationJob('job-1'));
      const line = (message: string) => ({ at: START, level: 'info' as const, message });
      await Promise.all([one.jobs.log('job-1', [line('a'), line('b')]), two.jobs.log('job-1', [line('c')])]);
      await one.jobs.log('job-none', [line('d')]);
      const lines = await two.jobs.logs('job-1', 0, 10);
      expect(lines.map(({ seq }) => seq)).toEqual([1, 2, 3]);
      expect(lines[0]).toMatchObject({ at: '2026-03-01T12:00:00.000Z', level: 'info' });
      expect(await two.jobs.logs('job-1', 2, 10)).toEqual([lines[2]]);
      expect(await two.jobs.logs('job-none', 0, 10)).toEqual([]);
    });

    it('counts jobs by state, delayed ones and the oldest that waits', async () => {
      let now = START;
      const { jobs } = await (await database(() => now))();
      await jobs.create({ ...distillationJob('job-later'), notBefore: START + 60_000 });
      expect((await jobs.queueCounts()).oldestWaiting).toBeNull();
      now += 1000;
      await jobs.create(distillationJob('job-1'));
      await jobs.create(distillationJob('job-2'));
      await jobs.transition('job-2', ['queued'], 'running');
      const counts = await jobs.queueCounts();
      expect(counts.states).toEqual({
        queued: 2,
        running: 1,
        cancelling: 0,
        succeeded: 0,
        failed: 0,
        cancelled: 0,
      });
      expect(counts.delayed).toBe(1);
      expect(counts.oldestWaiting?.id).toBe('job-1');
    });

    it('measures waits and runs, and counts ends, retries and stalls', async () => {
      let now = START;
      const { jobs } = await (await database(() => now))();
      await jobs.create(distillationJob('job-1'));
      now += 3000;
      await jobs.claim('job-1', 'queued', {});
      await jobs.claim('job-1', 'running', {});
      now += 20_000;
      await jobs.transition('job-1', ['running'], 'succeeded');
      const { finished, retries, stalls, wait, run } = await jobs.counters();
      expect(finished).toEqual([{ label: 'distillation succeeded', value: 1 }]);
      expect(retries).toEqual([{ label: 'distillation', value: 1 }]);
      expect(stalls).toEqual([{ label: 'distillation', value: 1 }]);
      expect(wait).toMatchObject([{ type: 'distillation', sum: 3, count: 1 }]);
      expect(run).toMatchObject([{ type: 'distillation', sum: 20, count: 1 }]);
      const below = (le: string) => run[0]!.buckets.find((bucket) => bucket.le === le)?.count;
      expect([below('15'), below('60'), below('+Inf')]).toEqual([0, 1, 1]);
    });

    it('counts no wait, run, retry or stall where there was none', async () => {
      const { jobs } = await (await database(() => START))();
      const none = { retries: [], stalls: [], rows: [], wait: [], run: [], stage: [] };
      await jobs.create(distillationJob('job-1'));
      expect(await jobs.transition('job-1', ['running'], 'succeeded')).toBe(false);
      expect(await jobs.counters()).toEqual({ finished: [], ...none });
      await jobs.transition('job-1', ['queued'], 'cancelled');
      const finished = [{ label: 'distillation cancelled', value: 1 }];
      expect(await jobs.counters()).toEqual({ finished, ...none });
      await jobs.create(distillationJob('job-2'));
      await jobs.claim('job-2', 'queued', {});
      expect(await jobs.counters()).toMatchObject({
        finished,
        retries: [],
        stalls: [],
        wait: [{ count: 1 }],
      });
      await jobs.transition('job-2', ['running'], 'queued');
      await jobs.claim('job-2', 'queued', {});
      const retries = [{ label: 'distillation', value: 1 }];
      expect(await jobs.counters()).toMatchObject({ retries, stalls: [], wait: [{ count: 1 }], run: [] });
    });

    it('counts the rows of imports that have stored some, and measures stages', async () => {
      const { jobs } = await (await database(() => START))();
      const result = { rows: 6, accepted: 3, duplicates: 2, rejected: 1, rejects: [] };
      for (const dryRun of [false, true]) {
        const id = `import-${dryRun}`;
        await jobs.create({ ...distillationJob(id), type: 'import', model: null });
        await jobs.claim(id, 'queued', {});
        await jobs.transition(id, ['running'], 'succeeded', { result: { ...result, dryRun } });
      }
      await jobs.measureStages({ data: 500, teacher: 20_000 });
      await jobs.measureStages({ data: 700 });
      const { rows, stage } = await jobs.counters();
      expect(rows).toEqual([
        { label: 'accepted', value: 3 },
        { label: 'duplicate', value: 2 },
        { label: 'rejected', value: 1 },
      ]);
      expect(stage).toMatchObject([
        { type: 'data', count: 2, sum: 1.2 },
        { type: 'teacher', count: 1, sum: 20 },
      ]);
    });

    it('measures the wait of a job from when it may start', async () => {
      let now = START;
      const { jobs } = await (await database(() => now))();
      await jobs.create({ ...distillationJob('job-1'), notBefore: START + 60_000 });
      now += 61_000;
      await jobs.claim('job-1', 'queued', {});
      expect((await jobs.counters()).wait).toMatchObject([{ sum: 1, count: 1 }]);
    });

    it.each([
      ['distillation', null],
      ['import', { stage: 'rows', fraction: 0.5 }],
    ] as const)('of a %s that is queued again keeps the progress %j', async (type, kept) => {
      const { jobs } = await (await database())();
      await jobs.create({ ...distillationJob('job-1'), type });
      await jobs.claim('job-1', 'queued', {});
      await jobs.progress('job-1', { stage: 'rows', fraction: 0.5 });
      await jobs.transition('job-1', ['running'], 'queued');
      expect((await jobs.get('job-1'))?.progress).toEqual(kept);
    });
  });
}
