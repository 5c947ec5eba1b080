import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { NewSchedule } from '../../../src/store/jobs/contract.ts';
import type { Store } from '../../../src/store/store.ts';
import { createScheduler } from '../../../src/worker/queue/scheduler.ts';
import { interaction, openStore, temporaryFolder } from '../../helpers/store.ts';

const DAY_MS = 86_400_000;
const START = Date.UTC(2026, 0, 1, 12);

const nightly: NewSchedule = {
  id: 'sch_1',
  cron: '0 3 * * *',
  timeZone: 'UTC',
  job: {
    type: 'distillation',
    model: 'movies',
    spec: { model: 'movies' },
    exclusive: 'movies',
    keyId: 'abc',
  },
  nextAt: Date.UTC(2026, 0, 2, 3),
};
const byData: NewSchedule = { id: 'sch_2', afterInteractions: 3, job: nightly.job, nextAt: null };

/** Three processes on one database with one clock. */
async function bench(mostQueued?: number) {
  const file = `${await temporaryFolder()}/test.db`;
  let now = START;
  const queued: string[] = [];
  const queues: Parameters<typeof createScheduler>[0]['queues'] = {
    async add({ id }) {
      queued.push(id);
    },
  };
  const stores: Store[] = [];
  for (let i = 0; i < 3; i++) stores.push(await openStore(file, () => now));
  const store = stores[0]!;
  const looks = stores.map(({ schedules }) =>
    createScheduler({ schedules, queues, now: () => now, mostQueued, logger: pino({ level: 'silent' }) }),
  );
  return {
    store,
    queued,
    at: (time: number) => {
      now = time;
    },
    look: () => Promise.all(looks.map((look) => look())),
    jobs: async () => (await store.jobs.list({}, 100)).rows,
    async finish(jobId: string) {
      await store.jobs.transition(jobId, ['queued'], 'running');
      await store.jobs.transition(jobId, ['running'], 'succeeded');
    },
    schedule: (id: string) => store.schedules.get(id),
    addInteractions: (from: number, count: number) =>
      store.interactions.add(
        Array.from({ length: count }, (_, i) => interaction({ userId: `user ${from + i}` })),
      ),
  };
}

describe('by the clock', () => {
  it('each due time gives one job, however many processes look', async () => {
    const { store, queued, at, look, jobs, finish, schedule } = await bench();
    await store.schedules.create(nightly);
    await look();
    expect(queued).toEqual([]);
    for (let night = 1; night <= 3; night++) {
      at(Date.UTC(2026, 0, 1 + night, 3, 0, 1));
      await look();
      await look();
      expect(queued).toHaveLength(night);
      await finish(queued.at(-1)!);
    }
    expect(await jobs()).toHaveLength(3);
    expect((await jobs())[0]).toMatchObject({
      id: queued.at(-1),
      state: 'succeeded',
      model: 'movies',
      scheduleId: 'sch_1',
      keyId: 'abc',
    });
    expect(await schedule('sch_1')).toMatchObject({
      nextRunAt: '2026-01-05T03:00:00.000Z',
      lastRun: { jobId: queued.at(-1) },
      lastSkip: null,
    });
  });

  it('the next run is counted by the clock of the zone, over the change to summer time', async () => {
    const { store, queued, at, look } = await bench();
    const first = Date.UTC(2026, 2, 28, 2);
    await store.schedules.create({ ...nightly, timeZone: 'Europe/Berlin', nextAt: first });
    at(first);
    await look();
    expect(queued).toHaveLength(1);
    expect((await store.schedules.get('sch_1'))?.nextRunAt).toBe('2026-03-29T01:00:00.000Z');
  });

  it('missed runs are run once', async () => {
    const { store, queued, at, look } = await bench();
    await store.schedules.create(nightly);
    at(START + 10 * DAY_MS);
    await look();
    await look();
    expect(queued).toHaveLength(1);
    expect((await store.schedules.get('sch_1'))?.nextRunAt).toBe('2026-01-12T03:00:00.000Z');
  });

  it('a run is skipped, and said so, while the last job is unfinished', async () => {
    const { store, queued, at, look, finish, schedule } = await bench();
    await store.schedules.create(nightly);
    at(Date.UTC(2026, 0, 2, 3));
    await look();
    at(Date.UTC(2026, 0, 3, 3));
    await look();
    expect(queued).toHaveLength(1);
    expect(await schedule('sch_1')).toMatchObject({
      lastSkip: { at: '2026-01-03T03:00:00.000Z', reason: `The last job, ${queued[0]}, is still queued.` },
      nextRunAt: '2026-01-04T03:00:00.000Z',
    });
    await finish(queued[0]!);
    await look();
    expect(queued).toHaveLength(1);
    at(Date.UTC(2026, 0, 4, 3));
    await look();
    expect(queued).toHaveLength(2);
  });

  it('a full queue skips a run too', async () => {
    const { store, queued, at, look, schedule } = await bench(1);
    await store.jobs.create({
      id: 'job_before',
      type: 'distillation',
      model: 'other',
      spec: { model: 'other' },
    });
    await store.schedules.create(nightly);
    at(Date.UTC(2026, 0, 2, 3));
    await look();
    expect(queued).toEqual([]);
    expect((await schedule('sch_1'))?.lastSkip?.reason).toMatch(/1 jobs are waiting/);
  });

  it('nothing runs while it is paused, and nothing is made up for', async () => {
    const { store, queued, at, look } = await bench();
    await store.schedules.create(nightly);
    await store.schedules.setPaused('sch_1', true, null);
    at(START + 5 * DAY_MS);
    await look();
    await store.schedules.setPaused('sch_1', false, Date.UTC(2026, 0, 7, 3));
    await look();
    expect(queued).toEqual([]);
    at(Date.UTC(2026, 0, 7, 3));
    await look();
    expect(queued).toHaveLength(1);
  });

  it('who saw it due before it was paused, changed or fired comes too late', async () => {
    const { store, at, jobs } = await bench();
    await store.schedules.create(nightly);
    at(Date.UTC(2026, 0, 2, 3));
    const [due] = await store.schedules.due();
    await store.schedules.setPaused('sch_1', true, null);
    expect(await store.schedules.fire(due!, 'job_late', null)).toEqual({ kind: 'lost' });
    await store.schedules.remove('sch_1');
    expect(await store.schedules.fire(due!, 'job_late', null)).toEqual({ kind: 'lost' });
    expect(await jobs()).toEqual([]);
  });
});

describe('after new interactions', () => {
  it('runs when enough have come since the last run, once; the same ones sent again do not count', async () => {
    const { store, queued, look, finish, addInteractions } = await bench();
    await addInteractions(0, 10);
    await store.schedules.create(byData);
    await look();
    await addInteractions(8, 4);
    await look();
    expect(queued).toEqual([]);
    await addInteractions(12, 1);
    await look();
    await look();
    expect(queued).toHaveLength(1);
    await finish(queued[0]!);
    await look();
    expect(queued).toHaveLength(1);
  });

  it('waits for its last job, says so once, and then runs', async () => {
    const { store, queued, at, look, finish, schedule, addInteractions } = await bench();
    await store.schedules.create(byData);
    await addInteractions(0, 3);
    await look();
    await addInteractions(3, 3);
    await look();
    const skipped = await schedule('sch_2');
    expect(skipped?.lastSkip?.reason).toBe(`The last job, ${queued[0]}, is still queued.`);
    at(START + 1000);
    await look();
    expect(await schedule('sch_2')).toEqual(skipped);
    expect(queued).toHaveLength(1);
    await finish(queued[0]!);
    await look();
    expect(queued).toHaveLength(2);
  });
});
