import { Redis } from 'ioredis';
import { afterAll, beforeAll, beforeEach, expect, it } from 'vitest';
import { createRunLocks, type RunLocks } from '../../src/jobs/run-lock.ts';
import { startTestRedis, type TestRedis } from '../helpers/redis.ts';

let redis: TestRedis;
let client: Redis;
let locks: RunLocks;

beforeAll(async () => {
  redis = await startTestRedis();
  client = new Redis(redis.url.slice('unix://'.length));
});
beforeEach(async () => {
  await client.flushall();
  locks = createRunLocks(client, 'test', 10_000);
});
afterAll(async () => {
  client.disconnect();
  await redis.close();
});

it('is held by one run at a time', async () => {
  expect(await locks.isHeld('job_a')).toBe(false);
  expect(await locks.acquire('job_a', 'mine')).toBe(true);
  expect(await locks.acquire('job_a', 'other')).toBe(false);
  expect(await locks.acquire('job_b', 'other')).toBe(true);
  await locks.release('job_a', 'mine');
  expect(await locks.isHeld('job_a')).toBe(false);
  expect(await locks.acquire('job_a', 'other')).toBe(true);
});

it('is released by its holder alone', async () => {
  await locks.acquire('job_a', 'mine');
  await locks.release('job_a', 'other');
  expect(await locks.isHeld('job_a')).toBe(true);
  expect(await locks.acquire('job_a', 'other')).toBe(false);
});

it('is kept by its holder alone', async () => {
  await locks.acquire('job_a', 'mine');
  expect(await locks.refresh('job_a', 'other')).toBe(false);
  expect(await locks.refresh('job_a', 'mine')).toBe(true);
});

it('is taken up again by its holder when Redis has lost it, unless somebody else was quicker', async () => {
  await locks.acquire('job_a', 'mine');
  await client.flushall();
  expect(await locks.refresh('job_a', 'mine')).toBe(true);
  expect(await locks.isHeld('job_a')).toBe(true);
  await client.flushall();
  await locks.acquire('job_a', 'other');
  expect(await locks.refresh('job_a', 'mine')).toBe(false);
});

it('ends by itself with a holder that was killed', async () => {
  await locks.acquire('job_a', 'mine');
  await locks.acquire('job_b', 'mine');
  await client.persist('test:run:job_b');
  await locks.refresh('job_b', 'mine');
  for (const id of ['job_a', 'job_b']) {
    const left = await client.pttl(`test:run:${id}`);
    expect(left).toBeGreaterThan(0);
    expect(left).toBeLessThanOrEqual(10_000);
  }
});
