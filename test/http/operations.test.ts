import { createHash } from 'node:crypto';
import { readFileSync } from 'node:fs';
import path from 'node:path';
import request from 'supertest';
import { afterEach, describe, expect, it } from 'vitest';
import { fingerprint } from '../../src/artifact/store/fingerprint.ts';
import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import { problem } from '../../src/core/errors.ts';
import { parseApiKeys } from '../../src/http/api-keys.ts';
import { REPORT } from '../../src/http/docs/report-example.ts';
import type { Store } from '../../src/store/store.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService, toyModels, toyRecommender } from './service.ts';

let service: Service;
afterEach(() => service?.close());

const version = {
  model: 'movies',
  jobId: 'job_1',
  artifact: 'models/movies/job_1',
  bytes: 1000,
  items: 10,
  dimensions: 8,
  summary: { metrics: { student: { 'ndcg@10': 0.3 } }, compressionRatio: 12 },
};

/** An artifact of which only the report is there. */
async function putReport({ folder }: Service, text: string, listed = text): Promise<void> {
  const artifacts = createFsStore(`file:${path.join(folder, 'artifacts')}`);
  const manifest = { files: { 'report.json': fingerprint(Buffer.from(listed)) } };
  await artifacts.putFolder(
    version.artifact,
    new Map([
      ['report.json', Buffer.from(text)],
      ['manifest.json', Buffer.from(JSON.stringify(manifest))],
    ]),
  );
}

describe('health', () => {
  it('is not ready while the process leaves, and ends connections with their answers', async () => {
    const leaving = { isLeaving: false };
    service = await startService({ leaving });
    const before = await request(service.url)
      .get('/health/ready')
      .set('connection', 'keep-alive')
      .expect(200);
    expect(before.headers.connection).toBe('keep-alive');
    leaving.isLeaving = true;
    const ready = await request(service.url).get('/health/ready').set('connection', 'keep-alive');
    expectProblem(ready, 503, 'not-ready', /about to end/);
    const answer = await request(service.url).get('/recommend/u').set('connection', 'keep-alive').expect(200);
    expect(answer.headers.connection).toBe('close');
  });

  it('is ready with the queue away, and says what does not work', async () => {
    service = await startService({
      models: toyModels({
        status: () => ({ state: 'live' }),
        loaded: () => [{ model: 'movies', version: 4 }],
      }),
    });
    const get = (route: string) => request(service.url).get(`/health/${route}`);
    await get('live').expect(200, { status: 'alive' });
    const up = {
      status: 'ready',
      warnings: [],
      store: 'up',
      queue: 'up',
      models: [{ model: 'movies', version: 4 }],
    };
    await get('ready').expect(200, up);
    service.queue.up = false;
    const down = await get('ready').expect(200);
    expect(down.body).toMatchObject({
      status: 'ready',
      queue: 'down',
      warnings: [expect.stringMatching(/recommendations go on/)],
    });
  });

  it('warns of a model that was refused', async () => {
    const refused = { state: 'refused', reason: 'weights.safetensors is truncated' } as const;
    service = await startService({ models: toyModels({ status: () => refused }) });
    await service.store.models.publish(version, 'stable');
    const { body } = await request(service.url).get('/health/ready').expect(200);
    expect(body.warnings).toEqual([
      'Model movies version 1 was refused: weights.safetensors is truncated; popularity answers in its place',
    ]);
  });

  it('is not ready while a model was never loaded here, unless popularity may answer', async () => {
    const models = toyModels({ missing: () => [{ model: 'movies', reason: 'items.json is missing' }] });
    service = await startService({ models });
    const answer = await request(service.url).get('/health/ready');
    expectProblem(answer, 503, 'not-ready', /^Model movies was never loaded here: items.json is missing/);
    expect(answer.body.reasons).toHaveLength(1);
    await service.close();
    service = await startService({ models, readyWithoutModels: true });
    await request(service.url).get('/health/ready').expect(200);
  });

  it('is not ready without the database, and answers 503 with Retry-After everywhere', async () => {
    const away = () => Promise.reject(problem('store-unavailable', 'The database cannot be read.'));
    const gone = new Proxy({}, { get: () => away });
    const store = {
      interactions: gone,
      catalogue: gone,
      jobs: gone,
      models: gone,
      ping: away,
      close: async () => {},
    };
    service = await startService({ store: store as unknown as Store });
    const ready = await request(service.url).get('/health/ready');
    expectProblem(ready, 503, 'not-ready', /cannot be read/);
    expect(ready.body.reasons).toHaveLength(1);
    await request(service.url).get('/health/live').expect(200);
    for (const route of ['/jobs', '/users/u', '/models', '/jobs/j/events']) {
      const answer = await request(service.url).get(route);
      expectProblem(answer, 503, 'store-unavailable', /database/);
      expect(answer.headers['retry-after']).toBe('5');
    }
  });
});

describe('what goes wrong inside', () => {
  it('stays inside', async () => {
    const fail = () => Promise.reject(new Error('password=hunter2 at /secret/path'));
    const recommender = { ...toyRecommender(() => {}), recommend: fail, quick: fail };
    service = await startService({ recommender });
    const answer = await request(service.url).get('/recommend/u');
    expectProblem(answer, 500, 'internal', /logged under request/);
    expect(JSON.stringify(answer.body)).not.toMatch(/hunter2|secret/);
    expect(service.log.join('')).toContain('hunter2');
  });
});

describe('models', () => {
  it('are listed with versions, aliases and what is served', async () => {
    service = await startService({
      models: toyModels({ status: (_model, version) => ({ state: version === 2 ? 'live' : 'idle' }) }),
    });
    const get = (route: string) => request(service.url).get(route);
    await service.store.models.publish(version, 'stable');
    await service.store.models.publish({ ...version, jobId: 'job_2' }, 'stable');
    await service.store.models.publish({ ...version, model: 'books', jobId: 'job_3' }, 'stable');
    const movies = (await get('/models/movies').expect(200)).body;
    expect(movies).toMatchObject({ name: 'movies', aliases: { stable: 2 } });
    expect(movies.versions.map((v: { version: number; serving: object }) => [v.version, v.serving])).toEqual([
      [2, { state: 'live' }],
      [1, { state: 'idle' }],
    ]);
    expect(movies.versions[0]).toMatchObject({ ...version, jobId: 'job_2', aliases: ['stable'] });
    expect((await get('/models/movies/versions/2').expect(200)).body).toEqual(movies.versions[0]);
    const page = (await get('/models?limit=1').expect(200)).body;
    expect([page.data.map((model: { name: string }) => model.name), page.nextCursor]).toEqual([
      ['books'],
      'books',
    ]);
    expect((await get(`/models?cursor=${page.nextCursor}`)).body).toEqual({
      data: [movies],
      nextCursor: null,
    });
  });

  it('hand out the report as it was written, and say what is not there', async () => {
    const text = JSON.stringify({ ...REPORT, unknownLater: { kept: true } });
    service = await startService();
    const get = (route: string) => request(service.url).get(route);
    await service.store.models.publish(version, 'stable');
    expectProblem(
      await get('/models/movies/versions/1/report'),
      409,
      'conflict',
      /Version 1 of movies is damaged: manifest.json is missing/,
    );
    await putReport(service, text);
    expect((await get('/models/movies/versions/1/report').expect(200)).text).toBe(text);
    expectProblem(await get('/models/No%20Such'), 404, 'not-found', /no model "No Such"/);
    expectProblem(await get('/models/movies/versions/9'), 404, 'not-found', /no version 9; the newest is 1/);
    expectProblem(await get('/models/films/versions/1/report'), 404, 'not-found', /no model "films"/);
    expectProblem(
      await get('/models/movies/versions/latest'),
      400,
      'invalid-request',
      /version must be a whole number/,
    );
  });

  it('never hand out a file that is not what was written', async () => {
    service = await startService();
    const get = (route: string) => request(service.url).get(`/models/movies/versions/1/${route}`);
    await service.store.models.publish(version, 'stable');
    await putReport(service, '{"good":0}', '{"good":1}');
    for (const route of ['report', 'files/report.json']) {
      expectProblem(await get(route), 409, 'conflict', /report.json is damaged: its sha256/);
    }
    await get('files/manifest.json').expect(200);
    await putReport(service, '{"good":1}');
    await get('files/report.json').expect(200, { good: 1 });
  });

  it('hand out the report of an earlier release in the shape of today', async () => {
    const former = readFileSync('test/evaluation/upgrade/former-reports.json', 'utf8');
    service = await startService();
    await service.store.models.publish(version, 'stable');
    await putReport(service, JSON.stringify(JSON.parse(former).rating));
    const { body } = await request(service.url).get('/models/movies/versions/1/report').expect(200);
    expect(body).toMatchObject({ format: 2, task: 'rating', headline: { metric: 'rmse', better: 'lower' } });
  });
});

describe('API keys', () => {
  const hash = (key: string) => createHash('sha256').update(key).digest('hex');
  const text = `${hash('reader')}:read, ${hash('feeder')}:read+ingest,${hash('boss')}:admin`;

  it('are asked for, and each allows what its scopes say', async () => {
    service = await startService({ apiKeys: parseApiKeys(text) });
    const get = (key?: string) => {
      const sent = request(service.url).get('/recommend/u');
      return key ? sent.set('authorization', `Bearer ${key}`) : sent;
    };
    const missing = await get();
    expectProblem(missing, 401, 'unauthorized', /Authorization: Bearer <key>/);
    expect(missing.headers['www-authenticate']).toBe('Bearer');
    expectProblem(await get('wrong'), 401, 'unauthorized', /not known/);
    await get('reader').expect(200);
    await request(service.url).get('/recommend/u').set('x-api-key', 'feeder').expect(200);
    const train = (key: string) =>
      request(service.url).post('/jobs').set('x-api-key', key).send({ model: 'm' });
    expectProblem(await train('reader'), 403, 'forbidden', /scope train; yours has read/);
    expectProblem(await train('boss'), 422, 'not-enough-data', /50 interactions/);
    for (const open of ['/health/live', '/health/ready', '/openapi.json'])
      await request(service.url).get(open).expect(200);
  });

  it('are read strictly, without repeating what may be a secret', () => {
    expect(parseApiKeys('')).toEqual([]);
    expect(() => parseApiKeys('my-secret:read')).toThrow(/^(?!.*my-secret).*entry 1 must be sha256hex:scope/);
    expect(() => parseApiKeys(`${hash('a')}:read,${hash('b')}:root`)).toThrow(
      /entry 2 names the scope "root"; scopes are recommend, .* and ingest, the former name of write/,
    );
    expect(() => parseApiKeys(`${hash('a')}:read:${hash('b')}`)).toThrow(/entry 1 has a second colon/);
    expect(() => parseApiKeys(`${hash('')}:admin`)).toThrow(/entry 1 is the hash of an empty key/);
    expect(() =>
      parseApiKeys(`${hash('a')}:read, ${hash('b')}:read,${hash('a').toUpperCase()}:admin`),
    ).toThrow(/entry 3 has the hash of entry 1/);
    expect(() => parseApiKeys(hash('a'))).toThrow(/scope/);
  });
});
