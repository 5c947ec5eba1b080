import { cpSync, readFileSync, truncateSync } from 'node:fs';
import path from 'node:path';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import type { Job } from '../../src/domain/jobs/job.ts';
import { createStore } from '../../src/store/create-store.ts';
import { eventually } from '../helpers/eventually.ts';
import { hasMapped } from '../helpers/processes.ts';
import { type Answer, startService, type TestService } from '../helpers/service.ts';
import { blockOf, twoTastes } from '../helpers/two-tastes.ts';

const { rows, unseen } = twoTastes(80);
const MODEL = 'two-tastes';
const SPEC = {
  model: MODEL,
  teacher: { kind: 'softmax', hidden: [64], epochs: 15, batchSize: 32, learningRate: 0.005 },
  student: { kind: 'fold-in', dimensions: 8 },
  distillation: { epochs: 15, batchSize: 32, learningRate: 0.01, seed: 7 },
  evaluation: { refit: false },
};

const setup = JSON.parse(readFileSync(new URL('../../.runtime/setup.json', import.meta.url), 'utf8'));
const wanted = process.env.TENSOR_BACKEND ?? setup.tensor.backend;
const noNative: string | undefined =
  wanted === 'wasm' || wanted === 'cpu' ? (setup.tensor.reason ?? `TENSOR_BACKEND is ${wanted}`) : undefined;

let service: TestService;
let job: Job;

beforeAll(async () => {
  service = await startService();
  for (let at = 0; at < rows.length; at += 1000) {
    const { status } = await service.send('POST', '/interactions', {
      interactions: rows.slice(at, at + 1000),
    });
    expect(status).toBe(200);
  }
  const accepted = await service.send('POST', '/jobs', SPEC);
  expect(accepted.status).toBe(202);
  job = await service.finished(accepted.body.id);
  if (job.state !== 'succeeded') throw new Error(`The job ended as ${job.state}:\n${service.story()}`);
});

afterAll(() => service?.dispose());

function recommend(userId: string, query: string): Promise<Answer> {
  return service.send('GET', `/recommend/${encodeURIComponent(userId)}?${query}`);
}

const itemIds = ({ body }: Answer) => body.items.map(({ itemId }: { itemId: string }) => itemId) as string[];

describe('a job over HTTP', () => {
  it('trains, distils and publishes', async () => {
    expect(job.problem).toBeNull();
    expect(job).toMatchObject({ state: 'succeeded', attempts: 1, result: { model: MODEL, version: 1 } });
    const report = await service.send('GET', `/models/${MODEL}/versions/1/report`);
    const names = report.body.models.map(({ name }: { name: string }) => name);
    expect(names.sort()).toEqual([
      'best-alone',
      'popularity',
      'student',
      'student-alone',
      'student-float32',
      'teacher',
    ]);
  });

  it.skipIf(noNative)(
    `trains with native TensorFlow${noNative ? ` (skipped: ${noNative})` : ''}`,
    async () => {
      const report = await service.send('GET', `/models/${MODEL}/versions/1/report`);
      expect(report.body.backend.name).toMatch(/^(native|gpu)$/);
    },
  );

  it('tells its story in events without gaps', async () => {
    const events = await service.send('GET', `/jobs/${job.id}/events?limit=1000`);
    const seqs = events.body.data.map(({ seq }: { seq: number }) => seq);
    expect(seqs).toEqual(seqs.map((_: number, index: number) => index + 1));
    const stages = new Set(events.body.data.map((event: { data: { stage?: string } }) => event.data.stage));
    for (const stage of ['teacher', 'distillation', 'evaluation']) expect(stages).toContain(stage);
    expect(events.body.data.at(-1)).toMatchObject({ type: 'state', data: { state: 'succeeded' } });
  });

  it('leaves no trainer behind', () => {
    expect(service.processes().filter(({ command }) => command.includes('bin/trainer'))).toEqual([]);
  });
});

describe('recommendations', () => {
  it('are exactly the unseen items of the own block, for every user', async () => {
    await untilServing(1);
    for (const [userId, wanted] of unseen) {
      const answer = await recommend(userId, `k=${wanted.length}`);
      expect(answer.body).toMatchObject({ source: 'student', model: { name: MODEL, version: 1 } });
      expect(itemIds(answer).sort()).toEqual(wanted);
    }
  });

  it('answer a new user from two clicks, at once', async () => {
    const clicks = ['b-3', 'b-8'].map((itemId) => ({ userId: 'new 🙂', itemId, type: 'click' }));
    expect(itemIds(await recommend('new 🙂', 'k=5'))).toHaveLength(5);
    await service.send('POST', '/interactions', { interactions: clicks });
    const answer = await recommend('new 🙂', 'k=10');
    expect(answer.body.source).toBe('student');
    expect(itemIds(answer).map(blockOf)).toEqual(Array(10).fill('b'));
    expect(itemIds(answer)).not.toContain('b-3');
  });

  it('are popular items for somebody unknown', async () => {
    const answer = await recommend('nobody', 'k=3');
    expect(answer.body.source).toBe('popularity');
    expect(itemIds(answer)).toHaveLength(3);
  });
});

describe('a damaged artifact', () => {
  it('is refused with the reason, and the old version goes on', async () => {
    const store = await createStore(`sqlite:${path.join(service.dataDir, 'stillhouse.db')}`);
    const good = (await store.models.get(MODEL, 1))!;
    const artifact = `models/${MODEL}/broken`;
    const folder = (key: string) => path.join(service.dataDir, 'artifacts', key);
    cpSync(folder(good.artifact), folder(artifact), { recursive: true });
    truncateSync(path.join(folder(artifact), 'weights.safetensors'), 100);
    await store.models.publish({ ...good, artifact, jobId: 'job_broken' }, 'stable');
    await store.close();

    const refused = await eventually('version 2 is refused', async () => {
      const { body } = await service.send('GET', `/models/${MODEL}/versions/2`);
      return body.serving?.state === 'refused' ? body.serving : null;
    });
    expect(refused.reason).toMatch(/weights\.safetensors/);
    const [userId, wanted] = [...unseen][0]!;
    const answer = await recommend(userId, `k=${wanted.length}`);
    expect(answer.body.model.version).toBe(1);
    expect(itemIds(answer).sort()).toEqual(wanted);
  });
});

describe('a version that teaches its successor', () => {
  it('has it know new items by what they are, after one epoch', async () => {
    await service.send('POST', '/items', {
      items: ['a', 'b'].flatMap((block) =>
        [`${block}-0`, `${block}-1`, `${block}-2`, `new ${block}`].map((itemId) => ({
          itemId,
          categories: [block],
        })),
      ),
    });
    const seen = ['a', 'b'].flatMap((block) =>
      rows
        .filter(({ itemId }) => itemId === `${block}-5`)
        .slice(0, 3)
        .map(({ userId }) => ({ userId, itemId: `new ${block}`, type: 'click' })),
    );
    expect((await service.send('POST', '/interactions', { interactions: seen })).status).toBe(200);
    const accepted = await service.send('POST', '/jobs', {
      model: 'successor',
      teacher: { model: MODEL, version: 1, part: 'student' },
      distillation: { epochs: 1, batchSize: 32, seed: 7 },
      evaluation: { refit: false },
    });
    const ended = await service.finished(accepted.body.id);
    expect(ended.problem).toBeNull();
    const { body } = await service.send('GET', '/models/successor/versions/1/report');
    expect(body.transfer).toMatchObject({
      from: { model: MODEL, version: 1, part: 'student' },
      items: { alike: 2, unknown: 0, gone: 0 },
    });
    expect(body.settings.student.dimensions).toBe(8);
    await untilServing(1, 'successor');
    const session = await service.send('POST', '/recommend', {
      model: 'successor',
      k: 10,
      interactions: [{ itemId: 'new b' }],
    });
    expect(
      itemIds(session)
        .map((id) => id.replace('new ', ''))
        .map(blockOf),
    ).toEqual(Array(10).fill('b'));
  });
});

describe('cancelling', () => {
  it('really stops a training that is running, which alone has TensorFlow loaded', async () => {
    const long = { ...SPEC, teacher: { ...SPEC.teacher, epochs: 5000 } };
    const { body } = await service.send('POST', '/jobs', long);
    await eventually('it trains', async () => {
      const { body: now } = await service.send('GET', `/jobs/${body.id}`);
      return now.state === 'running' && now.progress && now.progress.stage !== 'data';
    });
    const { pid } = service.processOf(/bin\/trainer/);
    if (process.platform === 'linux' && !noNative) {
      expect(hasMapped(pid, 'tensorflow')).toBe(true);
      expect(hasMapped(service.processOf(/bin\/worker/).pid, 'tensorflow')).toBe(false);
    }
    expect((await service.send('POST', `/jobs/${body.id}/cancel`)).status).toBe(202);
    expect((await service.finished(body.id)).state).toBe('cancelled');
    expect(service.processes().map((one) => one.pid)).not.toContain(pid);
    expect((await service.send('POST', `/jobs/${body.id}/cancel`)).status).toBe(409);
  });
});

// Last, since it replaces the service: the api alone, with the address of a Redis that is not there.
describe('without worker and Redis', () => {
  it('recommendations go on and job routes say that the queue is away', async () => {
    await service.stop();
    const { dataDir, port } = service;
    service = await startService({
      dataDir,
      port,
      program: 'api',
      env: { REDIS_URL: `unix://${dataDir}/none.sock` },
    });
    const [userId] = [...unseen][0]!;
    expect((await recommend(userId, `k=5&model=${MODEL}`)).body.items).toHaveLength(5);
    const started = Date.now();
    const refused = await service.send('POST', '/jobs', SPEC);
    // A queue that waits for Redis would take minutes.
    expect(Date.now() - started).toBeLessThan(20_000);
    expect(refused).toMatchObject({ status: 503, body: { code: 'queue-unavailable' } });
    expect(refused.headers.get('retry-after')).toMatch(/^\d+$/);
    expect((await service.send('GET', `/jobs/${job.id}`)).body.state).toBe('succeeded');
    expect((await service.send('GET', '/health/ready')).body).toMatchObject({
      status: 'ready',
      queue: 'down',
    });
  });
});

async function untilServing(version: number, model = MODEL): Promise<void> {
  await eventually(`version ${version} of ${model} is live`, async () => {
    const { body } = await service.send('GET', `/models/${model}/versions/${version}`);
    return body.serving?.state === 'live';
  });
}
