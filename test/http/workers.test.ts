import request from 'supertest';
import { afterEach, expect, it } from 'vitest';
import type { WorkerBeat } from '../../src/domain/jobs/worker.ts';
import { type Service, startService, toyModels } from './service.ts';

let service: Service;
afterEach(() => service?.close());

const trainer: NonNullable<WorkerBeat['trainer']> = {
  backend: 'native',
  requested: 'auto',
  reason: 'no gpu: no driver',
  tensorflow: '2.18.1',
  device: null,
  threads: 2,
  memoryMiB: 24_000,
  matmulMs: 20,
};
const worker: WorkerBeat = {
  id: 'here-1',
  host: 'here',
  concurrency: 1,
  jobs: ['job_1'],
  trainer,
  problem: null,
};

it('lists the workers that are alive with what their trainers found', async () => {
  service = await startService();
  await service.store.workers.beat(worker);
  const { body } = await request(service.url).get('/workers').expect(200);
  expect(body.data).toEqual([
    { ...worker, startedAt: expect.stringMatching(/Z$/), seenAt: expect.stringMatching(/Z$/) },
  ]);
});

it('shows workers, the queue, live models and requests by route pattern to Prometheus', async () => {
  service = await startService({
    models: toyModels({ status: () => ({ state: 'live' }), loaded: () => [{ model: 'movies', version: 4 }] }),
  });
  await service.store.workers.beat(worker);
  await request(service.url).get('/recommend/ada%2Flovelace').expect(200);
  service.queue.up = false;
  const { text, headers } = await request(service.url).get('/metrics').expect(200);
  expect(headers['content-type']).toMatch(/^text\/plain/);
  const lines = text.split('\n');
  expect(lines).toContain('stillhouse_queue_up 0');
  expect(lines).toContain('stillhouse_live_model{model="movies"} 4');
  expect(lines).toContain('stillhouse_worker_jobs{worker="here-1"} 1');
  expect(lines).toContain('stillhouse_worker_matmul_seconds{worker="here-1"} 0.02');
  expect(lines).toContain(
    'stillhouse_worker{worker="here-1",backend="native",device="",tensorflow="2.18.1"} 1',
  );
  expect(lines).toContain(
    'stillhouse_http_request_seconds_count{method="GET",route="/recommend/:userId",status="200"} 1',
  );
  expect(text).not.toContain('lovelace');
});

it('forgets a worker that said goodbye at the next scrape', async () => {
  service = await startService();
  await service.store.workers.beat(worker);
  await request(service.url)
    .get('/metrics')
    .expect(/worker="here-1"/);
  await service.store.workers.leave('here-1');
  const { text } = await request(service.url).get('/metrics').expect(200);
  expect(text).not.toContain('here-1');
});
