import { Redis } from 'ioredis';
import { afterAll, beforeAll, expect, it } from 'vitest';
import type { Signal } from '../../src/jobs/contract.ts';
import { startTestRedis, type TestRedis } from '../helpers/redis.ts';
import { createWorkerBench, type WorkerBench } from '../helpers/worker.ts';

let redis: TestRedis;
let here: WorkerBench;
let there: WorkerBench;

beforeAll(async () => {
  redis = await startTestRedis();
  here = await createWorkerBench(redis.url, { prefix: 'here' });
  there = await createWorkerBench(redis.url, { prefix: 'there' });
});
afterAll(async () => {
  await here?.close();
  await there?.close();
  await redis?.close();
});

it('keeps two installations on one Redis apart, even where their jobs have the same id', async () => {
  const heard: Signal[] = [];
  there.producer.signals.subscribe((signal) => heard.push(signal));
  await here.submit('job_same', 'quick');
  await here.untilState('job_same', 'succeeded');
  expect(there.runs('job_same')).toEqual([]);
  expect(heard).toEqual([]);

  await there.submit('job_same', 'slow');
  await there.untilState('job_same', 'running');
  await here.producer.signals.publish({ kind: 'cancel', jobId: 'job_same' });
  await here.submit('job_next', 'quick');
  await here.untilState('job_next', 'succeeded');
  expect((await there.store.jobs.get('job_same'))?.state).toBe('running');
  expect(here.runs('job_same').filter(({ what }) => what === 'start')).toHaveLength(1);
  expect(there.runs('job_same').filter(({ what }) => what === 'start')).toHaveLength(1);
});

it('begins every key with the prefix', async () => {
  const client = new Redis(redis.url.slice('unix://'.length));
  const keys = await client.keys('*');
  client.disconnect();
  expect(keys.length).toBeGreaterThan(2);
  expect(keys.filter((key) => !/^(here|there):/.test(key))).toEqual([]);
});
