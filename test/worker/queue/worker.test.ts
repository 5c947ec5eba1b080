import { Redis } from 'ioredis';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it, onTestFinished, vi } from 'vitest';
import { eventually } from '../../helpers/eventually.ts';
import { isAlive } from '../../helpers/processes.ts';
import { startTestRedis, type TestRedis } from '../../helpers/redis.ts';
import { createWorkerBench, GRACE_MS, type WorkerBench } from '../../helpers/worker.ts';

let redis: TestRedis;
let bench: WorkerBench;

beforeAll(async () => {
  redis = await startTestRedis();
});
beforeEach(async () => {
  bench = await createWorkerBench(redis.url);
});
afterEach(() => bench.close());
afterAll(() => redis.close());

const whatHappened = (id: string) => bench.runs(id).map(({ what }) => what);

async function untilRunning(id: string): Promise<number> {
  const run = await eventually(`${id} has a trainer`, () =>
    bench.runs(id).find(({ what }) => what === 'start'),
  );
  return run.pid;
}

describe('a job', () => {
  it('runs in a process of its own, is published once and succeeds', async () => {
    await bench.submit('job_a', 'ok');
    const job = await bench.untilState('job_a', 'succeeded');
    expect(job.result).toMatchObject({ model: 'ok', version: 1, promotion: { promoted: true } });
    expect(job.attempts).toBe(1);
    expect(whatHappened('job_a')).toEqual(['start', 'done']);
    expect(isAlive(bench.runs('job_a')[0]!.pid)).toBe(false);
    expect((await bench.store.models.resolve('ok', 'stable'))?.jobId).toBe('job_a');
    const events = await bench.store.jobs.events('job_a', 0, 100);
    expect(events.map(({ type, data }) => data.state ?? type)).toEqual([
      'queued',
      'running',
      'progress',
      'succeeded',
    ]);
  });

  it('tells the api about the new model and about itself', async () => {
    const heard: string[] = [];
    bench.producer.signals.subscribe((signal) => heard.push(signal.kind));
    await bench.submit('job_a', 'ok');
    await bench.untilState('job_a', 'succeeded');
    await eventually('both signals', () => heard.includes('models') && heard.includes('job'));
  });

  it('stores at most ten progress records a second, the last one among them', async () => {
    await bench.submit('job_a', 'chatty');
    const job = await bench.untilState('job_a', 'succeeded');
    const events = await bench.store.jobs.events('job_a', 0, 10_000);
    const progress = events.filter(({ type }) => type === 'progress');
    const seconds = (Date.parse(progress.at(-1)!.at) - Date.parse(progress[0]!.at)) / 1000;
    expect(progress.length).toBeLessThanOrEqual(seconds * 10 + 2);
    expect(job.progress?.step).toBe(999);
  });

  it('keeps the warnings of its trainer', async () => {
    await bench.submit('job_a', 'warns');
    await bench.untilState('job_a', 'succeeded');
    const events = await bench.store.jobs.events('job_a', 0, 100);
    expect(events.find(({ type }) => type === 'warning')?.data).toEqual({
      message: 'The student is larger than its teacher.',
    });
  });

  it('fails at once on bad data', async () => {
    await bench.submit('job_a', 'bad-data');
    const job = await bench.untilState('job_a', 'failed');
    expect(job.problem).toMatchObject({ code: 'not-enough-data', detail: 'because of not-enough-data' });
    await new Promise((resolve) => setTimeout(resolve, 700));
    expect(whatHappened('job_a')).toEqual(['start', 'failed']);
  });

  it('fails at once when there is no memory for it, and the worker takes the next', async () => {
    await bench.submit('job_a', 'no-memory');
    await bench.submit('job_b', 'quick');
    const job = await bench.untilState('job_a', 'failed');
    expect(job.problem).toMatchObject({ code: 'out-of-memory' });
    await bench.untilState('job_b', 'succeeded');
    expect(whatHappened('job_a')).toEqual(['start', 'failed']);
  });

  it('is tried again when its trainer was killed', async () => {
    await bench.submit('job_a', 'slow-once');
    process.kill(await untilRunning('job_a'), 'SIGKILL');
    const waiting = await bench.untilState('job_a', 'queued');
    expect(waiting.problem).toMatchObject({ code: 'trainer-crashed', signal: 'SIGKILL' });
    const job = await bench.untilState('job_a', 'succeeded');
    expect(whatHappened('job_a')).toEqual(['start', 'start', 'done']);
    expect(job.attempts).toBe(2);
    expect(job.problem).toBeNull();
  });

  it('is tried again when somebody ended its trainer with SIGTERM, since nobody cancelled the job', async () => {
    await bench.submit('job_a', 'slow-once');
    process.kill(await untilRunning('job_a'), 'SIGTERM');
    const job = await bench.untilState('job_a', 'succeeded');
    expect(job.attempts).toBe(2);
  });

  it('is given up after three crashes, with the last words of its trainer', async () => {
    // The worker shows them to its operator. This crash is staged: on the terminal they would look like a fault.
    const passedOn = vi.spyOn(process.stderr, 'write').mockReturnValue(true);
    onTestFinished(() => passedOn.mockRestore());
    await bench.submit('job_a', 'crash-always');
    const job = await bench.untilState('job_a', 'failed');
    expect(job.attempts).toBe(3);
    expect(job.problem).toMatchObject({
      code: 'trainer-crashed',
      signal: 'SIGKILL',
      exitCode: null,
      stderr: 'last words of a stand-in',
      failedAttempts: 3,
    });
    expect(whatHappened('job_a').filter((what) => what === 'start')).toHaveLength(3);
    const shown = passedOn.mock.calls.map(([chunk]) => String(chunk)).join('');
    expect(shown.match(/^last words of a stand-in$/gm)).toHaveLength(3);
  });
});

describe('cancelling', () => {
  async function cancel(id: string): Promise<void> {
    expect(await bench.store.jobs.transition(id, ['running'], 'cancelling')).toBe(true);
  }

  it('leaves a queued job alone that was cancelled before a worker took it', async () => {
    await bench.store.jobs.create({ id: 'job_a', type: 'distillation', model: 'ok', spec: { model: 'ok' } });
    await bench.store.jobs.transition('job_a', ['queued'], 'cancelled');
    await bench.producer.enqueue({ id: 'job_a', type: 'distillation' });
    await bench.submit('job_b', 'ok');
    await bench.untilState('job_b', 'succeeded');
    expect(bench.runs('job_a')).toEqual([]);
  });

  it('stops a running trainer at the signal', async () => {
    await bench.submit('job_a', 'slow');
    const pid = await untilRunning('job_a');
    await cancel('job_a');
    await bench.producer.signals.publish({ kind: 'cancel', jobId: 'job_a' });
    await bench.untilState('job_a', 'cancelled');
    expect(whatHappened('job_a')).toEqual(['start', 'stopped']);
    expect(isAlive(pid)).toBe(false);
  });

  it('kills a trainer that does not stop within the grace period', async () => {
    await bench.submit('job_a', 'stubborn');
    const pid = await untilRunning('job_a');
    await cancel('job_a');
    const started = Date.now();
    await bench.untilState('job_a', 'cancelled');
    expect(Date.now() - started).toBeGreaterThanOrEqual(GRACE_MS);
    expect(whatHappened('job_a')).toEqual(['start', 'ignored SIGTERM']);
    expect(isAlive(pid)).toBe(false);
  });

  it('works without Redis', async () => {
    await bench.submit('job_a', 'slow');
    await untilRunning('job_a');
    await redis.stop();
    try {
      await cancel('job_a');
      await bench.untilState('job_a', 'cancelled');
    } finally {
      await redis.start();
    }
  });
});

describe('when Redis fails', () => {
  it('goes on with a running job, finishes it, and takes new ones when Redis is back', async () => {
    await bench.submit('job_a', 'brief');
    await untilRunning('job_a');
    await redis.kill();
    await bench.untilState('job_a', 'succeeded');
    await redis.start();
    await eventually('enqueueing works', () =>
      bench.submit('job_b', 'ok').then(
        () => true,
        async () => void (await bench.store.jobs.remove('job_b')),
      ),
    );
    await bench.untilState('job_b', 'succeeded');
    expect(whatHappened('job_a')).toEqual(['start', 'done']);
    expect(await bench.store.models.versions('brief')).toHaveLength(1);
  });

  it('waits for Redis when that is away at its start', async () => {
    await bench.submit('job_a', 'ok');
    await bench.worker.stop();
    await redis.stop();
    bench.addWorker();
    await new Promise((resolve) => setTimeout(resolve, 300));
    await redis.start();
    await bench.untilState('job_a', 'succeeded');
  });

  it('brings queued jobs back and runs running ones once after a FLUSHALL', async () => {
    await bench.worker.stop();
    await bench.submit('job_a', 'ok');
    await bench.submit('job_b', 'ok');
    await flushAll();
    bench.addWorker();
    await bench.untilState('job_a', 'succeeded');
    await bench.untilState('job_b', 'succeeded');

    await bench.submit('job_c', 'brief');
    await untilRunning('job_c');
    await flushAll();
    await bench.untilState('job_c', 'succeeded');
    expect(whatHappened('job_c')).toEqual(['start', 'done']);
  });

  async function flushAll(): Promise<void> {
    const client = new Redis(redis.url.slice('unix://'.length));
    await client.flushall();
    client.disconnect();
  }
});

describe('more than one worker', () => {
  it('runs each job once, also when it is delivered twice', async () => {
    bench.addWorker();
    await bench.submit('job_a', 'brief');
    await untilRunning('job_a');
    // The entry is lost and put on the queue again, as after a wipe, while the first run is still alive.
    await bench.producer.remove('job_a').catch(() => {});
    await bench.producer.enqueue({ id: 'job_a', type: 'distillation' });
    await bench.untilState('job_a', 'succeeded');
    expect(whatHappened('job_a')).toEqual(['start', 'done']);
    expect(await bench.store.models.versions('brief')).toHaveLength(1);
  });

  it('ends a run at once whose job somebody else has taken over', async () => {
    await bench.submit('job_a', 'stubborn');
    const pid = await untilRunning('job_a');
    await bench.store.jobs.transition('job_a', ['running'], 'running');
    await eventually('the trainer is gone', () => !isAlive(pid));
    expect((await bench.store.jobs.get('job_a'))?.state).toBe('running');
  });

  it('frees a job whose worker is gone', async () => {
    await bench.store.jobs.create({ id: 'job_a', type: 'distillation', model: 'ok', spec: { model: 'ok' } });
    await bench.store.jobs.transition('job_a', ['queued'], 'running');
    await bench.store.jobs.create({ id: 'job_b', type: 'distillation', model: 'ok', spec: { model: 'ok' } });
    await bench.store.jobs.transition('job_b', ['queued'], 'running');
    await bench.store.jobs.transition('job_b', ['running'], 'cancelling');
    expect((await bench.untilState('job_a', 'succeeded')).attempts).toBe(2);
    await bench.untilState('job_b', 'cancelled');
  });

  it('says which jobs were cancelled while nobody ran them, so that their uploads go', async () => {
    const abandoned: string[] = [];
    bench.addWorker({ onAbandoned: async ({ id }) => void abandoned.push(id) });
    await bench.worker.stop();
    await bench.store.jobs.create({ id: 'job_a', type: 'distillation', model: 'ok', spec: { model: 'ok' } });
    await bench.store.jobs.transition('job_a', ['queued'], 'running');
    await bench.store.jobs.transition('job_a', ['running'], 'cancelling');
    await bench.untilState('job_a', 'cancelled');
    await eventually('it was told', () => abandoned.includes('job_a'));
  });
});

describe('a worker that is stopped', () => {
  it('puts its jobs back, and another one runs them', async () => {
    await bench.submit('job_a', 'slow-once');
    await untilRunning('job_a');
    await bench.worker.stop();
    expect((await bench.store.jobs.get('job_a'))?.state).toBe('queued');
    expect(whatHappened('job_a')).toEqual(['start', 'stopped']);
    bench.addWorker();
    const job = await bench.untilState('job_a', 'succeeded');
    expect(job.attempts).toBe(2);
    expect(job.problem).toBeNull();
  });
});
