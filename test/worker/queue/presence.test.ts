import { setTimeout as sleep } from 'node:timers/promises';
import { afterEach, expect, it, vi } from 'vitest';
import { createLogger } from '../../../src/core/logger.ts';
import type { Job } from '../../../src/domain/jobs/job.ts';
import type { WorkerBeat } from '../../../src/domain/jobs/worker.ts';
import type { Store } from '../../../src/store/store.ts';
import { createPresence, type Presence } from '../../../src/worker/queue/presence.ts';
import type { Work } from '../../../src/worker/queue/runner.ts';

let presence: Presence;
afterEach(() => presence.stop());

function toyWorkers(fail = false) {
  const beats: WorkerBeat[] = [];
  const gone: string[] = [];
  const workers: Store['workers'] = {
    async beat(worker) {
      if (fail) throw new Error('no database');
      beats.push(worker);
    },
    leave: async (id) => void gone.push(id),
    alive: async () => [],
  };
  return { workers, beats, gone };
}

const logger = createLogger('test', 'silent');
const LANES: WorkerBeat['lanes'] = [
  { lane: 'imports', concurrency: 2 },
  { lane: 'training', concurrency: 1 },
  { lane: 'maintenance' },
];
const job = { id: 'job_1' } as Job;

it('shows a job while it runs, and not after it', async () => {
  const { workers, beats } = toyWorkers();
  presence = createPresence(workers, LANES, logger);
  const ending = { kind: 'failed' } as unknown as Awaited<ReturnType<Work>>;
  const during: string[][] = [];
  const work: Work = async () => {
    during.push(beats.at(-1)!.jobs);
    return ending;
  };
  const { distillation } = presence.watch({ distillation: work, import: work });
  await expect(distillation(job, {} as never)).resolves.toBe(ending);
  expect(during).toEqual([['job_1']]);
  expect(beats.at(-1)).toMatchObject({ concurrency: 3, lanes: LANES, jobs: [] });
});

it('beats again and again, says what the probe found, and says goodbye', async () => {
  const { workers, beats, gone } = toyWorkers();
  presence = createPresence(workers, LANES, logger, 5);
  presence.start();
  presence.describe({ problem: 'no gpu: no driver' });
  await vi.waitFor(() => expect(beats.length).toBeGreaterThan(3));
  expect(beats.at(-1)).toMatchObject({ trainer: null, problem: 'no gpu: no driver' });
  await presence.stop();
  expect(gone).toEqual([beats[0]!.id]);
  const count = beats.length;
  await sleep(15);
  expect(beats.length).toBe(count);
});

it('runs the work although nobody can be told', async () => {
  presence = createPresence(toyWorkers(true).workers, LANES, logger);
  const work = (async () => 'done') as unknown as Work;
  await expect(presence.watch({ distillation: work, import: work }).import(job, {} as never)).resolves.toBe(
    'done',
  );
});
