import request from 'supertest';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { WorkerBeat } from '../../src/domain/jobs/worker.ts';
import { distillationJob } from '../helpers/store.ts';
import { type Service, startService } from './service.ts';

let service: Service;
beforeAll(async () => {
  service = await startService();
  await service.store.jobs.create(distillationJob('job_train'));
  await service.store.jobs.create({ ...distillationJob('job_later'), notBefore: Date.now() + 1e6 });
});
afterAll(() => service?.close());

const importer: WorkerBeat = {
  id: 'here-1',
  host: 'here',
  concurrency: 2,
  lanes: [{ lane: 'imports', concurrency: 2 }, { lane: 'maintenance' }],
  jobs: [],
  trainer: null,
  problem: null,
};
const get = async (path: string) => (await request(service.url).get(path).expect(200)).body;
const laneOf = async (lane: string) =>
  (await get('/queue')).lanes.find((one: { lane: string }) => one.lane === lane);

it('says in job and health that nobody takes a lane, until somebody does', async () => {
  await service.store.workers.beat(importer);
  expect((await get('/jobs/job_train')).waiting).toBe('waits for a worker of lane training: none is there');
  expect((await get('/health/ready')).warnings).toEqual([
    '1 job of lane training cannot run: no worker takes that lane.',
  ]);
  expect(await laneOf('training')).toMatchObject({
    ...{ queued: 2, delayed: 1, running: 0, workers: 0, concurrency: 0 },
    oldestWaitedSeconds: expect.any(Number),
  });
  expect(await laneOf('imports')).toMatchObject({
    ...{ queued: 0, oldestWaitedSeconds: null, workers: 1, concurrency: 2 },
  });
  const { text } = await request(service.url).get('/metrics').expect(200);
  const lines = text.split('\n');
  for (const line of [
    'stillhouse_lane_jobs{lane="training",state="waiting"} 1',
    'stillhouse_lane_jobs{lane="training",state="delayed"} 1',
    'stillhouse_lane_jobs{lane="imports",state="running"} 0',
    'stillhouse_lane_oldest_waiting_seconds{lane="imports"} 0',
    'stillhouse_lane_workers{lane="training"} 0',
    'stillhouse_lane_workers{lane="maintenance"} 1',
    'stillhouse_lane_concurrency{lane="imports"} 2',
  ])
    expect(lines).toContain(line);
  expect(text).toMatch(/^stillhouse_lane_oldest_waiting_seconds\{lane="training"\} (0\.\d|[1-9])/m);

  // A worker of a release without lanes takes every job.
  const { lanes: _none, ...old } = importer;
  await service.store.workers.beat({ ...old, id: 'here-2', concurrency: 1 });
  expect(await get('/jobs/job_train')).not.toHaveProperty('waiting');
  expect((await get('/health/ready')).warnings).toEqual([]);
  expect(await laneOf('training')).toMatchObject({ workers: 1, concurrency: 1 });
});
