import { Queue } from 'bullmq';
import { Redis } from 'ioredis';
import { pino } from 'pino';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { QUEUE_NAMES, type Signal } from '../../src/jobs/contract.ts';
import { createQueueProducer, type QueueProducer } from '../../src/jobs/producer.ts';
import { eventually } from '../helpers/eventually.ts';
import { startTestRedis, type TestRedis } from '../helpers/redis.ts';

const logger = pino({ level: 'silent' });
let redis: TestRedis;
let producer: QueueProducer | undefined;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterEach(async () => {
  await producer?.close();
  producer = undefined;
});
afterAll(() => redis.close());

async function createReadyProducer(prefix: string): Promise<QueueProducer> {
  const created = createQueueProducer({ redisUrl: redis.url, prefix, logger });
  producer = created;
  await eventually('the producer is connected', () => created.healthy());
  return created;
}

/** What is waiting, as a client that shares nothing with the producer sees it. */
async function waitingJobs(prefix: string): Promise<{ id: string | undefined; data: unknown }[]> {
  const connection = new Redis(redis.url.slice('unix://'.length));
  const queue = new Queue(QUEUE_NAMES.training, { connection, prefix });
  const jobs = await queue.getJobs(['prioritized', 'delayed', 'active']);
  await queue.close();
  connection.disconnect();
  return jobs.map((job) => ({ id: job.id, data: job.data }));
}

const training = (id: string) => ({ id, type: 'distillation' }) as const;

async function codeOf(promise: Promise<unknown>): Promise<string> {
  return promise.then(
    () => 'resolved',
    (error: { code?: string }) => error.code ?? String(error),
  );
}

describe('the queue producer', () => {
  it('puts nothing but the id on the queue, under the id', async () => {
    const { enqueue } = await createReadyProducer('t1');
    await enqueue(training('job_a'));
    expect(await waitingJobs('t1')).toEqual([{ id: 'job_a', data: { jobId: 'job_a' } }]);
  });

  it('keeps one entry when the same job is enqueued twice', async () => {
    const { enqueue } = await createReadyProducer('t2');
    await Promise.all([enqueue(training('job_a')), enqueue(training('job_a'))]);
    expect(await waitingJobs('t2')).toHaveLength(1);
  });

  it('takes a waiting job off the queue, and does not mind one that is not there', async () => {
    const { enqueue, remove } = await createReadyProducer('t3');
    await enqueue(training('job_a'));
    await remove('job_a');
    await remove('job_b');
    expect(await waitingJobs('t3')).toEqual([]);
  });

  it('keeps installations with other prefixes apart', async () => {
    const { enqueue } = await createReadyProducer('t4');
    await enqueue(training('job_a'));
    expect(await waitingJobs('t4-other')).toEqual([]);
  });

  it('carries signals from one process to the listeners of another, and of its own', async () => {
    const one = await createReadyProducer('t5');
    const other = createQueueProducer({ redisUrl: redis.url, prefix: 't5', logger });
    const heard: [string, Signal][] = [];
    one.signals.subscribe((signal) => heard.push(['one', signal]));
    const unsubscribe = other.signals.subscribe((signal) => heard.push(['other', signal]));
    const count = () => new Set(heard.map(([name]) => name)).size;
    await eventually('both hear', async () => {
      await one.signals.publish({ kind: 'cancel', jobId: 'job_a' });
      return count() === 2;
    });
    expect(heard[0]![1]).toEqual({ kind: 'cancel', jobId: 'job_a' });
    unsubscribe();
    const heardModels = () => heard.filter(([, signal]) => signal.kind === 'models').map(([name]) => name);
    await one.signals.publish({ kind: 'models' });
    await eventually('one hears', () => heardModels().length > 0);
    expect(heardModels()).toEqual(['one']);
    await other.close();
  });
});

describe('while Redis is away', () => {
  it('refuses to enqueue within two seconds and works again by itself when Redis is back', async () => {
    const { enqueue, remove, signals, healthy } = await createReadyProducer('t6');
    await enqueue(training('job_before'));
    await redis.stop();
    const started = Date.now();
    expect(await codeOf(enqueue(training('job_a')))).toBe('queue-unavailable');
    expect(await codeOf(remove('job_before'))).toBe('queue-unavailable');
    await signals.publish({ kind: 'models' });
    expect(Date.now() - started).toBeLessThan(2000);
    expect(healthy()).toBe(false);

    await redis.start();
    await eventually(
      'enqueueing works again',
      async () => (await codeOf(enqueue(training('job_b')))) === 'resolved',
    );
    const ids = (await waitingJobs('t6')).map(({ id }) => id).sort();
    // The job that was refused must not turn up later.
    expect(ids).toEqual(['job_b', 'job_before']);
  });

  it('waits for the first connection, and not for long where there is none', async () => {
    const there = createQueueProducer({ redisUrl: redis.url, prefix: 't-first', logger });
    await there.connected(5000);
    expect(there.healthy()).toBe(true);
    await there.close();
    const nowhere = createQueueProducer({ redisUrl: 'redis://127.0.0.1:1', prefix: 't-first', logger });
    const started = Date.now();
    await nowhere.connected(50);
    expect(Date.now() - started).toBeLessThan(1000);
    expect(nowhere.healthy()).toBe(false);
    await nowhere.close();
  });

  it('starts without Redis and connects when it comes', async () => {
    await redis.stop();
    const created = createQueueProducer({ redisUrl: redis.url, prefix: 't7', logger });
    producer = created;
    expect(await codeOf(created.enqueue(training('job_a')))).toBe('queue-unavailable');
    const heard: Signal[] = [];
    created.signals.subscribe((signal) => heard.push(signal));
    await redis.start();
    await eventually(
      'enqueueing works',
      async () => (await codeOf(created.enqueue(training('job_a')))) === 'resolved',
    );
    await eventually('signals arrive', async () => {
      await created.signals.publish({ kind: 'models' });
      return heard.length > 0;
    });
  });

  it('answers in time when the server hangs instead of refusing', async () => {
    const { enqueue, healthy } = await createReadyProducer('t8');
    redis.pause();
    const started = Date.now();
    expect(await codeOf(enqueue(training('job_a')))).toBe('queue-unavailable');
    expect(Date.now() - started).toBeLessThan(2000);
    expect(healthy()).toBe(false);
    redis.resume();
    await eventually('it is seen to answer again without being asked', healthy);
    await eventually(
      'enqueueing works',
      async () => (await codeOf(enqueue(training('job_b')))) === 'resolved',
    );
  });

  it('survives a kill -9 of the server with what was enqueued', async () => {
    const { enqueue } = await createReadyProducer('t9');
    await enqueue(training('job_a'));
    // The append-only file is flushed once a second.
    await new Promise((resolve) => setTimeout(resolve, 1500));
    await redis.kill();
    await redis.start();
    expect((await waitingJobs('t9')).map(({ id }) => id)).toEqual(['job_a']);
  });
});
