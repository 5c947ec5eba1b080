import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { parsePrinted } from '../../src/worker/queue/job-log.ts';
import { eventually } from '../helpers/eventually.ts';
import { isAlive } from '../helpers/processes.ts';
import { startTestRedis, type TestRedis } from '../helpers/redis.ts';
import { createWorkerBench, GRACE_MS, type WorkerBench } from '../helpers/worker.ts';

let redis: TestRedis;
let bench: WorkerBench;

beforeAll(async () => {
  redis = await startTestRedis();
});
afterEach(() => bench.close());
afterAll(() => redis.close());

const whatHappened = (id: string) => bench.runs(id).map(({ what }) => what);
const untilRunning = (id: string) =>
  eventually(`${id} has a trainer`, () => bench.runs(id).find(({ what }) => what === 'start'));
const startOf = async (id: string) => Date.parse((await bench.store.jobs.get(id))!.startedAt!);

describe('a limit of the job', () => {
  beforeEach(async () => {
    bench = await createWorkerBench(redis.url);
  });

  it('stops a job that runs too long, and kills it when it does not stop; it is not tried again', async () => {
    await bench.submit('job_a', 'stubborn', { timeoutSeconds: 1 });
    const { pid } = await untilRunning('job_a');
    const job = await bench.untilState('job_a', 'failed');
    expect(job.problem).toMatchObject({ code: 'job-timeout', timeoutSeconds: 1 });
    expect(Date.parse(job.finishedAt!) - Date.parse(job.startedAt!)).toBeGreaterThanOrEqual(1000 + GRACE_MS);
    expect(whatHappened('job_a')).toEqual(['start', 'ignored SIGTERM']);
    expect(isAlive(pid)).toBe(false);
  });

  it('ends a trainer that takes too much memory, and the job says so', async () => {
    await bench.submit('job_a', 'hog', { maxRssMiB: 150 });
    const job = await bench.untilState('job_a', 'failed');
    expect(job.problem).toMatchObject({ code: 'memory-limit', maxRssMiB: 150 });
    expect(job.attempts).toBe(1);
    await bench.submit('job_b', 'hog', { maxRssMiB: 4000 });
    await bench.untilState('job_b', 'succeeded');
  });

  it('is its share of the memory where the job sets none', async () => {
    await bench.close();
    bench = await createWorkerBench(redis.url, { memoryMiB: 150 });
    await bench.submit('job_a', 'hog');
    const job = await bench.untilState('job_a', 'failed');
    expect(job.problem).toMatchObject({ code: 'memory-limit' });
    expect(job.problem!.detail).toMatch(/TRAINER_MEMORY_MIB.*maxRssMiB/);
    await bench.submit('job_b', 'hog', { maxRssMiB: 4000 });
    await bench.untilState('job_b', 'succeeded');
  });

  it('keeps what happened and what the trainer printed in the log of the job', async () => {
    await bench.submit('job_a', 'talkative');
    await bench.untilState('job_a', 'succeeded');
    const lines = await eventually('the log is stored', async () => {
      const found = await bench.store.jobs.logs('job_a', 0, 100);
      return found.length >= 5 && found;
    });
    expect(lines.map(({ seq }) => seq)).toEqual(lines.map((_, i) => i + 1));
    expect(lines.map(({ level, message }) => `${level} ${message}`)).toEqual([
      expect.stringMatching(/^info Attempt 1 starts on \S+, process \d+\.$/),
      'info data set ready {"pairs":7}',
      'info a line of a library',
      'warn the learning rate is high',
      'info The attempt is over.',
    ]);
    // Events are for programs: no line is among them.
    const events = await bench.store.jobs.events('job_a', 0, 100);
    expect(events.some(({ type }) => !['state', 'progress', 'warning'].includes(type))).toBe(false);
  });
});

describe('the order of jobs', () => {
  it('runs one job of a model at a time, and the second as soon as the first has ended', async () => {
    bench = await createWorkerBench(redis.url);
    await bench.submit('job_a', 'brief', {}, { exclusive: 'brief' });
    await untilRunning('job_a');
    await bench.submit('job_b', 'brief', {}, { exclusive: 'brief' });
    await bench.submit('job_c', 'ok', {}, { exclusive: 'ok' });
    await bench.untilState('job_c', 'succeeded');
    expect((await bench.store.jobs.get('job_b'))?.state).toBe('queued');
    const first = await bench.untilState('job_a', 'succeeded');
    await bench.untilState('job_b', 'succeeded');
    const gap = (await startOf('job_b')) - Date.parse(first.finishedAt!);
    expect(gap).toBeGreaterThanOrEqual(0);
    expect(gap).toBeLessThan(2000);
  });

  it('runs no more jobs at once than the installation allows, however many workers there are', async () => {
    bench = await createWorkerBench(redis.url, { limits: { mostRunning: 1 } });
    bench.addWorker();
    for (const id of ['job_a', 'job_b', 'job_c']) await bench.submit(id, 'quick');
    const ended = await Promise.all(
      ['job_a', 'job_b', 'job_c'].map((id) => bench.untilState(id, 'succeeded')),
    );
    const times = ended
      .map(({ startedAt, finishedAt }) => [Date.parse(startedAt!), Date.parse(finishedAt!)] as const)
      .sort((a, b) => a[0] - b[0]);
    for (const [i, [start]] of times.entries()) {
      if (i > 0) expect(start).toBeGreaterThanOrEqual(times[i - 1]![1]);
    }
  });

  it('takes the greatest priority first, and the oldest of those', async () => {
    bench = await createWorkerBench(redis.url, { isStarted: false, lanes: { training: 1 } });
    for (const [id, priority] of [
      ['job_low', -5],
      ['job_middle', 0],
      ['job_middle_2', 0],
      ['job_high', 7],
    ] as const)
      await bench.submit(id, 'ok', { priority });
    bench.addWorker();
    const ids = ['job_high', 'job_middle', 'job_middle_2', 'job_low'];
    for (const id of ids) await bench.untilState(id, 'succeeded');
    const starts = await Promise.all(ids.map(startOf));
    expect(starts).toEqual([...starts].sort((a, b) => a - b));
  });

  it('starts no job before its time, also when the queue was lost', async () => {
    bench = await createWorkerBench(redis.url);
    const notBefore = new Date(Date.now() + 1500).toISOString();
    await bench.submit('job_a', 'ok', { notBefore });
    await bench.producer.remove('job_a');
    // On the queue without its delay, as an older release would put it.
    await bench.producer.enqueue({ id: 'job_a', type: 'distillation' });
    await bench.untilState('job_a', 'succeeded');
    expect(await startOf('job_a')).toBeGreaterThanOrEqual(Date.parse(notBefore));
  });

  it('leaves a job to a worker that has what it needs', async () => {
    bench = await createWorkerBench(redis.url, { limits: { meets: () => false } });
    await bench.submit('job_a', 'ok', { requirements: { device: 'gpu' } });
    await bench.submit('job_b', 'ok');
    await bench.untilState('job_b', 'succeeded');
    expect((await bench.store.jobs.get('job_a'))?.state).toBe('queued');
    bench.addWorker({ limits: { meets: ({ device }) => device === 'gpu' } });
    await bench.untilState('job_a', 'succeeded');
  });
});

describe('students of one teacher', () => {
  it('start when their leader has the teacher, side by side, and go on without it when it fails', async () => {
    bench = await createWorkerBench(redis.url, { lanes: { training: 4 } });
    await bench.submit('job_a', 'staged');
    for (const id of ['job_b', 'job_c']) await bench.submit(id, 'staged', {}, { leader: 'job_a' });
    const jobs = await Promise.all(
      ['job_a', 'job_b', 'job_c'].map((id) => bench.untilState(id, 'succeeded')),
    );
    const events = await bench.store.jobs.events('job_a', 0, 100);
    const teacherAt = Date.parse(events.find(({ data }) => data.stage === 'distillation')!.at);
    const [leader, b, c] = jobs.map(({ startedAt, finishedAt }) => ({
      start: Date.parse(startedAt!),
      end: Date.parse(finishedAt!),
    }));
    for (const follower of [b!, c!]) {
      expect(follower.start).toBeGreaterThanOrEqual(teacherAt);
      expect(follower.start).toBeLessThan(leader!.end);
    }
    expect(b!.start).toBeLessThan(c!.end);
    expect(c!.start).toBeLessThan(b!.end);

    await bench.submit('job_d', 'bad-data');
    await bench.submit('job_e', 'ok', {}, { leader: 'job_d' });
    await bench.untilState('job_d', 'failed');
    await bench.untilState('job_e', 'succeeded');
  });
});

describe('a worker that drains', () => {
  it('lets its jobs end in the time it has, and takes no more', async () => {
    bench = await createWorkerBench(redis.url, { drainMs: 5000 });
    await bench.submit('job_a', 'quick');
    await untilRunning('job_a');
    const stopped = bench.worker.stop();
    await bench.submit('job_b', 'ok');
    await stopped;
    expect((await bench.store.jobs.get('job_a'))?.state).toBe('succeeded');
    expect((await bench.store.jobs.get('job_b'))?.state).toBe('queued');
  });
});

describe('a line that a trainer printed', () => {
  it.each([
    ['{"level":40,"time":1,"msg":"slow","ms":3}', { level: 'warn', message: 'slow {"ms":3}' }],
    ['plain words\r', { level: 'info', message: 'plain words' }],
    ['{"broken', { level: 'info', message: '{"broken' }],
    ['{"msg":"no level"}', { level: 'info', message: '{"msg":"no level"}' }],
  ])('%s', (line, expected) => {
    expect(parsePrinted(line)).toEqual(expected);
  });
});
