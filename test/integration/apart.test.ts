import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findS3Server } from '../../scripts/setup/s3.mjs';
import type { Job } from '../../src/domain/jobs/job.ts';
import { eventually } from '../helpers/eventually.ts';
import { startTestPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { startTestRedis, type TestRedis } from '../helpers/redis.ts';
import { CREDENTIALS, hasLastingS3, NO_S3, startTestS3, type TestS3 } from '../helpers/s3.ts';
import { LONG_MS, startService, type TestService } from '../helpers/service.ts';
import { twoTastes } from '../helpers/two-tastes.ts';

if (!hasLastingS3()) it.skip(findS3Server() ? 'apart: NOT RUN, moto forgets its objects' : NO_S3);

const { rows } = twoTastes(80);
const MODEL = 'two-tastes';
const SPEC = {
  model: MODEL,
  // Long enough to be killed in the middle.
  teacher: { kind: 'softmax', hidden: [64], epochs: 1000, batchSize: 8, learningRate: 0.0002 },
  student: { kind: 'fold-in', dimensions: 8 },
  distillation: { epochs: 5, batchSize: 32, learningRate: 0.01, seed: 7 },
  evaluation: { refit: false },
};

/** Each has a folder of its own, as on machines that share no disk. */
describe.runIf(hasLastingS3())('two apis and three workers that share PostgreSQL, Redis and a bucket', () => {
  let redis: TestRedis;
  let postgres: TestPostgres;
  let s3: TestS3;
  let env: Record<string, string>;
  const all: TestService[] = [];
  const start = async (
    program: 'api' | 'worker',
    more: Record<string, string> = {},
    waitsUntilReady = true,
  ) => {
    const service = await startService({ program, env: { ...env, ...more }, waitsUntilReady });
    all.push(service);
    return service;
  };
  let api: TestService;
  let trainer: TestService;

  beforeAll(async () => {
    [redis, postgres, s3] = await Promise.all([
      startTestRedis(),
      startTestPostgres({ durable: true }),
      startTestS3(),
    ]);
    env = {
      ...CREDENTIALS,
      ...(await s3.createBucket()),
      ...{ DATABASE_URL: await postgres.createDatabase(), REDIS_URL: redis.url },
      ...{
        SECRETS_KEY: 'the same for all of them, as in life',
        CHECKPOINT_SECONDS: '0',
        PARTS_FROM_SECONDS: '0',
      },
      ...{ LOST_WORKER_SECONDS: '2', TENSOR_BACKEND: 'native' },
    };
    // Tables are made once.
    api = await start('api');
    const importer = { WORKER_QUEUES: 'imports,maintenance' };
    [, trainer] = await Promise.all([
      start('worker', importer),
      start('worker', { WORKER_QUEUES: 'training' }),
    ]);
  });
  afterAll(async () => {
    for (const service of all) await service.dispose();
    await Promise.all([redis?.close(), postgres?.close(), s3?.close()]);
  });

  const jobOf = async (id: string): Promise<Job> => (await api.send('GET', `/jobs/${id}`)).body;
  const sourcesOf = async (one: TestService) =>
    Promise.all(
      ['user a/0', 'user b/1'].map(async (user) => {
        const { status, body } = await one.send(
          'GET',
          `/recommend/${encodeURIComponent(user)}?model=${MODEL}`,
        );
        return [status, body.source, body.items?.map((item: { itemId: string }) => item.itemId).join()];
      }),
    );

  const logOf = async (id: string) =>
    JSON.stringify((await api.send('GET', `/jobs/${id}/logs?limit=1000`)).body);

  it('import on one, train on another that is killed, go on on a third from its checkpoint, serve on both', async () => {
    const lines = rows.map(({ userId, itemId, type }) => `${userId},${itemId},${type}\n`);
    const csv = `userId,itemId,type\n${lines.join('')}`;
    const accepted = await api.send('POST', '/imports?kind=interactions&format=csv', csv, 'text/csv');
    expect((await api.finished(accepted.body.id)).result).toMatchObject({ accepted: rows.length });

    const { body: job, ...answer } = await api.send('POST', '/jobs', SPEC);
    expect([answer.status, job.detail]).toEqual([202, undefined]);
    await eventually(
      'a checkpoint is kept while the teacher trains',
      async () => {
        const { progress } = await jobOf(job.id);
        return progress?.stage === 'teacher' && (progress.kept ?? 0) > 0;
      },
      LONG_MS,
    );
    await trainer.killAll();
    const third = await start('worker', { WORKER_QUEUES: 'training' });
    const done = await api.finished(job.id);
    expect(done).toMatchObject({ state: 'succeeded', attempts: 2, result: { model: MODEL, version: 1 } });
    expect(await logOf(job.id)).toContain('going on from a checkpoint');
    expect(third.dataDir).not.toBe(trainer.dataDir);

    const other = await start('api');
    await eventually('both serve it', async () => {
      const [here, there] = [await sourcesOf(api), await sourcesOf(other)];
      return (
        here.every(([, source]) => source === 'student') && JSON.stringify(here) === JSON.stringify(there)
      );
    });
  });

  it('candidates of `auto` are trained by both workers, each once', async () => {
    const second = await start('worker', { WORKER_QUEUES: 'training' });
    await eventually('both are known', async () => {
      const { lanes } = (await api.send('GET', '/queue')).body;
      return lanes.find(({ lane }: { lane: string }) => lane === 'training').workers >= 2;
    });
    const spec = { ...SPEC, model: 'parts', teacher: { kind: 'auto' } };
    const together = await api.finished((await api.send('POST', '/jobs', spec)).body.id);
    expect(together).toMatchObject({ state: 'succeeded', attempts: 1 });
    const said = await logOf(together.id);
    expect(said).toMatch(/Part \w+ is trained on/);
    expect(said).toMatch(/Part \w+ is done/);
    expect(said).toContain('this part was trained before, or by another worker');

    await second.stop();
  });

  it('an api that starts while Redis is away serves, says so, and takes jobs when it is back', async () => {
    await redis.stop();
    const late = await start('api');
    expect((await late.send('GET', '/health/ready')).body).toMatchObject({ queue: 'down' });
    expect((await sourcesOf(late)).map(([, source]) => source)).toEqual(['student', 'student']);
    expect((await late.send('POST', '/jobs', SPEC)).body).toMatchObject({ code: 'queue-unavailable' });
    await redis.start();
    await eventually(
      'the queue is up',
      async () => (await late.send('GET', '/health/ready')).body.queue === 'up',
    );
    await late.stop();
  });

  it('an api that starts while S3 is away serves from its copies; without them it is not ready until S3 is back', async () => {
    await s3.kill();
    const [warm, cold] = await Promise.all([
      start('api', { ARTIFACTS_CACHE_DIR: path.join(api.dataDir, 'artifacts-cache') }),
      start('api', {}, false),
    ]);
    expect((await sourcesOf(warm)).map(([, source]) => source)).toEqual(['student', 'student']);
    await eventually('it answers', () => cold.send('GET', '/health/live').catch(() => null));
    const { status, body } = await cold.send('GET', '/health/ready');
    expect([status, body.code]).toEqual([503, 'not-ready']);
    expect((await sourcesOf(cold)).map(([code, source]) => [code, source])).toEqual([
      [200, 'popularity'],
      [200, 'popularity'],
    ]);
    await s3.start();
    await cold.untilReady();
    expect((await sourcesOf(cold)).map(([, source]) => source)).toEqual(['student', 'student']);
    await Promise.all([warm.stop(), cold.stop()]);
  });

  it('an api and a worker that start while PostgreSQL is away wait for it, and say so', async () => {
    await postgres.stop();
    const [late, worker] = await Promise.all([start('api', {}, false), start('worker', {}, false)]);
    for (const one of [late, worker])
      await eventually('it says so', () =>
        one.output().includes('the database is away; this process waits for it'),
      );
    // One that runs is not ready, and comes back by itself.
    expect((await api.send('GET', '/health/ready')).status).toBe(503);
    await postgres.start();
    await Promise.all([late.untilReady(), worker.untilReady()]);
    expect((await sourcesOf(late)).map(([, source]) => source)).toEqual(['student', 'student']);
    await eventually(
      'the first is ready again',
      async () => (await api.send('GET', '/health/ready')).status === 200,
    );
    await Promise.all([late.stop(), worker.stop()]);
  });
});
