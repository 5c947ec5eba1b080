import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, expect, it, onTestFinished } from 'vitest';
import type { ImportSpec } from '../../../src/domain/data/import.ts';
import { QUEUE_NAMES } from '../../../src/jobs/contract.ts';
import { createImportWork } from '../../../src/worker/import/import-work.ts';
import type { Work } from '../../../src/worker/queue/runner.ts';
import { eventually } from '../../helpers/eventually.ts';
import { startTestRedis, type TestRedis } from '../../helpers/redis.ts';
import { createWorkerBench, type WorkerBench } from '../../helpers/worker.ts';

let redis: TestRedis;
let bench: WorkerBench;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterEach(() => bench.close());
afterAll(() => redis.close());

const IMPORT = {
  type: 'import',
  spec: { type: 'import', kind: 'interactions', format: 'csv' } as ImportSpec,
};
const imports = (id: string, more: Partial<ImportSpec> = {}) =>
  bench.submit(id, 'ok', {}, { type: 'import', model: null, spec: { ...IMPORT.spec, ...more } });
const stateOf = async (id: string) => (await bench.store.jobs.get(id))?.state;
const stored: Work = async () => ({
  kind: 'imported',
  result: { rows: 1, accepted: 1, duplicates: 0, rejected: 0, rejects: [] },
});

/** A server that sends a header and then a byte now and then, until its client goes. */
async function startTrickle(): Promise<string> {
  const server = createServer((_request, response) => {
    response.write('userId,itemId,type\nann,film-1,click\n');
    const timer = setInterval(() => response.write('a'), 20);
    response.once('close', () => clearInterval(timer));
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  onTestFinished(() => void server.close().closeAllConnections());
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}/`;
}

it('an import ends while a training runs on the same worker, and while another import trickles', async () => {
  const url = await startTrickle();
  bench = await createWorkerBench(redis.url, { isStarted: false });
  const work = createImportWork({ store: bench.store, artifacts: {} as never, importUrls: [url] });
  const training: Work = (_job, { signal }) =>
    once(signal, 'abort').then(() => ({ kind: 'failed', problem: {} as never, retryable: true }));
  const one = { training: 1, imports: 2 };
  bench.addWorker({
    lanes: one,
    limits: { mostRunning: 2 },
    work: {
      distillation: training,
      import: (job, context) => (job.id === 'job_row' ? stored : work)(job, context),
    },
  });
  await bench.submit('job_long', 'ok');
  await bench.submit('job_next', 'ok');
  await imports('job_trickle', { url });
  await bench.untilState('job_long', 'running');
  await bench.untilState('job_trickle', 'running');
  await imports('job_row');
  await bench.untilState('job_row', 'succeeded');
  expect([await stateOf('job_long'), await stateOf('job_trickle'), await stateOf('job_next')]).toEqual([
    'running',
    'running',
    'queued',
  ]);
  const { lanes } = await bench.store.jobs.queueCounts();
  expect(lanes.imports).toMatchObject({ queued: 0, running: 1, oldestWaiting: null });
  expect(lanes.training).toMatchObject({ queued: 1, running: 1, oldestWaiting: { id: 'job_next' } });
});

it('a worker leaves lanes alone that it does not take, and others take them', async () => {
  bench = await createWorkerBench(redis.url, { isStarted: false });
  const work = { distillation: stored, import: stored };
  bench.addWorker({ lanes: { imports: 1 }, work });
  await bench.submit('job_train', 'ok');
  await imports('job_row');
  await bench.untilState('job_row', 'succeeded');
  // Its reconciliation has come by too, which puts what is queued into its lane.
  await new Promise((resolve) => setTimeout(resolve, 700));
  expect(await stateOf('job_train')).toBe('queued');
  bench.addWorker({ lanes: { training: 1 } });
  await bench.untilState('job_train', 'succeeded');
  expect(bench.runs('job_train').map(({ what }) => what)).toEqual(['start', 'done']);
});

it('takes what an earlier release has queued, which knew one queue for all jobs', async () => {
  bench = await createWorkerBench(redis.url, { isStarted: false, prefix: 'before-lanes' });
  const connection = new Redis(redis.url.slice('unix://'.length));
  const before = new Queue(QUEUE_NAMES.training, { connection, prefix: 'before-lanes' });
  await bench.store.jobs.create({ id: 'job_row', type: 'import', model: null, spec: IMPORT.spec });
  await bench.store.jobs.create({
    id: 'job_train',
    type: 'distillation',
    model: 'ok',
    spec: { model: 'ok' },
  });
  for (const jobId of ['job_row', 'job_train'])
    await before.add('run', { jobId }, { jobId, priority: 1000, removeOnComplete: true });
  const work = { distillation: stored, import: stored };
  // Without reconciliation, so that the entries alone lead to the jobs.
  const clocks = { reconcileEveryMs: 1e8, pollMs: 100, takeoverMs: 300, lockMs: 10_000 };
  const rest = { stalledCheckMs: 5000, busyPauseMs: 5000, heldUpPauseMs: 15_000 };
  bench.addWorker({ lanes: { training: 1 }, clocks: { ...clocks, ...rest } });
  await bench.untilState('job_train', 'succeeded');
  await eventually('the import is out of the old queue', async () => (await before.count()) === 0);
  expect(await stateOf('job_row')).toBe('queued');
  bench.addWorker({ lanes: { imports: 1 }, work, clocks: { ...clocks, ...rest } });
  await bench.untilState('job_row', 'succeeded');
  expect((await bench.store.jobs.get('job_row'))?.attempts).toBe(1);
  await before.close();
  connection.disconnect();
});
