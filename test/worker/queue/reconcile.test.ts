import { pino } from 'pino';
import { describe, expect, it } from 'vitest';
import type { Job } from '../../../src/domain/jobs/job.ts';
import { createReconciler } from '../../../src/worker/queue/reconcile.ts';
import { distillationJob, openStore, temporaryFolder } from '../../helpers/store.ts';

const logger = pino({ level: 'silent' });

async function bench() {
  const { jobs } = await openStore(`${await temporaryFolder()}/test.db`);
  const held = new Set<string>();
  const queued: string[] = [];
  const told: string[] = [];
  const abandoned: string[] = [];
  const queues: Parameters<typeof createReconciler>[0]['queues'] = {
    async addBulk(entries) {
      queued.push(...entries.map(({ id }) => id));
    },
  };
  const reconcile = createReconciler({
    jobs,
    queues,
    locks: { isHeld: async (jobId) => held.has(jobId) },
    signals: { publish: async (signal) => void told.push(JSON.stringify(signal)) },
    onAbandoned: async ({ id }: Job) => void abandoned.push(id),
    logger,
  });
  const stateOf = async (id: string) => (await jobs.get(id))?.state;
  await jobs.create(distillationJob('job_a'));
  await jobs.claim('job_a', 'queued', {});
  return { jobs, held, queued, told, abandoned, reconcile, stateOf };
}

describe('a job that nobody holds', () => {
  it('is freed in the second round, and put on the queue', async () => {
    const { queued, told, reconcile, stateOf } = await bench();
    await reconcile();
    expect(await stateOf('job_a')).toBe('running');
    expect(queued).toEqual([]);
    await reconcile();
    expect(await stateOf('job_a')).toBe('queued');
    expect(queued).toEqual(['job_a']);
    expect(told).toEqual(['{"kind":"job","jobId":"job_a"}']);
  });

  it('is not freed in an attempt that has begun since: its holder may need a moment for the lock', async () => {
    const { jobs, reconcile, stateOf } = await bench();
    await reconcile();
    await jobs.claim('job_a', 'running', {});
    await reconcile();
    expect(await stateOf('job_a')).toBe('running');
    await reconcile();
    expect(await stateOf('job_a')).toBe('queued');
  });

  it('is not freed when somebody has held it in between', async () => {
    const { held, reconcile, stateOf } = await bench();
    await reconcile();
    held.add('job_a');
    await reconcile();
    held.clear();
    await reconcile();
    expect(await stateOf('job_a')).toBe('running');
  });

  it('is cancelled where that was asked for, and whoever removes what it left is told', async () => {
    const { jobs, queued, abandoned, reconcile, stateOf } = await bench();
    await jobs.transition('job_a', ['running'], 'cancelling');
    await reconcile();
    await reconcile();
    expect(await stateOf('job_a')).toBe('cancelled');
    expect([queued, abandoned]).toEqual([[], ['job_a']]);
  });
});

it('a job that is held goes on', async () => {
  const { held, told, reconcile, stateOf } = await bench();
  held.add('job_a');
  for (let round = 0; round < 3; round++) await reconcile();
  expect(await stateOf('job_a')).toBe('running');
  expect(told).toEqual([]);
});

it('all queued jobs are put on the queue, however many pages they are', async () => {
  const { jobs, queued, reconcile } = await bench();
  const ids = Array.from({ length: 250 }, (_, i) => `job_${i}`);
  for (const id of ids) await jobs.create(distillationJob(id));
  await reconcile();
  expect(queued.toSorted()).toEqual(ids.toSorted());
});
