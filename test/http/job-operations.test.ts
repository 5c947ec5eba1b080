import { createHash } from 'node:crypto';
import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { parseApiKeys } from '../../src/http/api-keys.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService, storeEnough } from './service.ts';

let service: Service;
beforeEach(async () => {
  service = await startService({ maxQueuedJobs: 3 });
  await storeEnough(service.store);
});
afterEach(() => service.close());

const post = (path: string, body?: object) => request(service.url).post(path).send(body);
const get = (path: string) => request(service.url).get(path);
const failed = async (spec: object = { model: 'm' }) => {
  const { body } = await post('/jobs', spec).expect(202);
  await service.store.jobs.claim(body.id, 'queued', {});
  await service.store.jobs.transition(body.id, ['running'], 'failed');
  return body.id as string;
};

describe('POST /jobs with options', () => {
  it('keeps them in the spec and tells the queue', async () => {
    const options = {
      priority: 5,
      notBefore: '2099-01-01T00:00:00Z',
      timeoutSeconds: 60,
      maxRssMiB: 2000,
      requirements: { device: 'gpu', memoryMiB: 8000 },
    };
    const { body } = await post('/jobs', { model: 'm', ...options }).expect(202);
    expect(body.spec).toMatchObject(options);
    expect(service.queue.turns).toEqual([{ priority: 5, notBefore: '2099-01-01T00:00:00.000Z' }]);
    expect((await get('/queue')).body).toMatchObject({ delayed: 1, oldestWaiting: null });
  });

  it.each([
    [{ priority: 101 }, /priority must be a whole number from -100 to 100; got 101/],
    [{ notBefore: 'tomorrow' }, /notBefore must be .*; got "tomorrow"/],
    [{ timeoutSeconds: 0 }, /timeoutSeconds must be a whole number from 1 .*; got 0/],
    [{ maxRssMiB: 1.5 }, /maxRssMiB must be a whole number .*; got 1.5/],
    [{ requirements: { device: 'tpu' } }, /requirements\.device must be .*gpu.*; got "tpu"/],
    [{ requirements: { cores: 4 } }, /requirements\.cores is not known here/],
  ])('refuses %j', async (options, detail) => {
    expectProblem(await post('/jobs', { model: 'm', ...options }), 400, 'invalid-request', detail);
  });

  it('refuses a time that does not exist', async () => {
    const answer = await post('/jobs', { model: 'm', notBefore: '2026-02-30T00:00:00Z' });
    expectProblem(answer, 422, 'invalid-job', /notBefore must be a time that exists/);
  });

  it('is refused with Retry-After when too many jobs wait', async () => {
    for (const model of ['a', 'b', 'c']) await post('/jobs', { model }).expect(202);
    const answer = await post('/jobs', { model: 'd' });
    expectProblem(answer, 429, 'queue-full', /3 jobs are waiting, and no more than 3 may/);
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0);
    expect((await get('/jobs')).body.data).toHaveLength(3);
  });
});

describe('POST /jobs with students', () => {
  const students = [
    { kind: 'fold-in', dimensions: 8 },
    { kind: 'fold-in', dimensions: 16 },
  ];

  it('makes a job of each: the first leads, each has a place of its own', async () => {
    const { body } = await post('/jobs', { model: 'm', students, publish: { alias: 'live' } })
      .set('idempotency-key', 'k')
      .expect(202);
    expect(body).toMatchObject({ leader: null, spec: { student: students[0], publish: { alias: 'live' } } });
    expect(body.spec.students).toBeUndefined();
    expect(body.followers).toHaveLength(1);
    const other = (await get(`/jobs/${body.followers[0]}`)).body;
    expect(other).toMatchObject({
      leader: body.id,
      spec: { student: students[1], publish: { alias: 'live', place: 2 } },
    });
    const again = await post('/jobs', { model: 'm', students, publish: { alias: 'live' } })
      .set('idempotency-key', 'k')
      .expect(202);
    expect(again.body.followers).toEqual(body.followers);
    expect((await get('/jobs')).body.data).toHaveLength(2);
  });

  it('leaves none when not all of them can wait', async () => {
    await post('/jobs', { model: 'a', students }).expect(202);
    expectProblem(await post('/jobs', { model: 'b', students }), 429, 'queue-full', /3 jobs are waiting/);
    expect((await get('/jobs?state=queued')).body.data).toHaveLength(2);
  });

  it.each([
    [{ students, student: students[0] }, 422, 'invalid-job', /student and students exclude each other/],
    [{ students, publish: { alias: 'a'.repeat(61) } }, 422, 'invalid-job', /alias may have at most 60/],
    [{ students: [] }, 400, 'invalid-request', /students must have at least 1 entry; got 0/],
    [{ students: [{ kind: 'x' }] }, 400, 'invalid-request', /students\[0\]\.kind must be/],
  ] as const)('refuses %j', async (more, status, code, detail) => {
    expectProblem(await post('/jobs', { model: 'm', ...more }), status, code, detail);
  });
});

describe('POST /jobs/:id/retry', () => {
  it('makes a new job of the same spec that names the old one', async () => {
    const id = await failed({ model: 'm', timeoutSeconds: 60, notBefore: '2020-01-01T00:00:00Z' });
    const answer = await post(`/jobs/${id}/retry`).expect(202);
    expect(answer.headers.location).toBe(`/jobs/${answer.body.id}`);
    expect(answer.body).toMatchObject({ state: 'queued', attempts: 0, retriedFrom: id });
    expect(answer.body.id).not.toBe(id);
    expect(answer.body.spec.timeoutSeconds).toBe(60);
    expect(answer.body.spec.notBefore).toBeUndefined();
    expect((await get(`/jobs/${id}`)).body.state).toBe('failed');
  });

  it('refuses what cannot be retried', async () => {
    const { body: queued } = await post('/jobs', { model: 'm' });
    expectProblem(await post(`/jobs/${queued.id}/retry`), 409, 'conflict', /is queued; only failed and/);
    await service.store.jobs.claim(queued.id, 'queued', {});
    await service.store.jobs.transition(queued.id, ['running'], 'succeeded');
    expectProblem(await post(`/jobs/${queued.id}/retry`), 409, 'conflict', /is succeeded/);
    expectProblem(await post('/jobs/job_none/retry'), 404, 'not-found', /job_none/);
    const { body: upload } = await request(service.url)
      .post('/imports?kind=interactions&format=csv')
      .send('userId,itemId\na,b\n');
    await post(`/jobs/${upload.id}/cancel`).expect(200);
    expectProblem(await post(`/jobs/${upload.id}/retry`), 409, 'conflict', /import .* send it again/);
  });
});

describe('Idempotency-Key', () => {
  const withKey = (key: string, body: object) => post('/jobs', body).set('idempotency-key', key);

  it('answers the same request with the same job', async () => {
    const first = await withKey('k1', { model: 'm', evaluation: { k: [5], refit: true } }).expect(202);
    const again = await withKey('k1', { evaluation: { refit: true, k: [5] }, model: 'm' }).expect(202);
    expect(again.body.id).toBe(first.body.id);
    expect(again.headers.location).toBe(first.headers.location);
    expect((await withKey('k2', { model: 'm' })).body.id).not.toBe(first.body.id);
    expect((await get('/jobs')).body.data).toHaveLength(2);
  });

  it('refuses another request, and one that comes while the first is being answered', async () => {
    await withKey('k1', { model: 'm' }).expect(202);
    const other = await withKey('k1', { model: 'other' });
    expectProblem(other, 422, 'idempotency-conflict', /k1 was sent before with another request/);
    await service.store.idempotency.begin({ scope: ' startJob', key: 'k3', owner: 'another request' });
    expectProblem(await withKey('k3', { model: 'm' }), 409, 'conflict', /k3 is being answered/);
    expectProblem(await withKey('two words', { model: 'm' }), 400, 'invalid-request', /idempotency-key/i);
  });

  it('is free again when the request failed', async () => {
    service.queue.up = false;
    expectProblem(await withKey('k1', { model: 'm' }), 503, 'queue-unavailable', /queue/);
    service.queue.up = true;
    await withKey('k1', { model: 'other' }).expect(202);
  });

  it('makes one of many requests at once, and one job', async () => {
    const answers = await Promise.all(Array.from({ length: 8 }, () => withKey('k1', { model: 'm' })));
    const made = answers.filter(({ status }) => status === 202);
    expect(new Set(made.map(({ body }) => body.id)).size).toBe(1);
    expect(answers.every(({ status }) => status === 202 || status === 409)).toBe(true);
    expect((await get('/jobs')).body.data).toHaveLength(1);
  });

  it('holds for uploads, by their bytes', async () => {
    const send = (csv: string, query = '') =>
      request(service.url)
        .post(`/imports?kind=interactions&format=csv${query}`)
        .set('idempotency-key', 'k1')
        .send(csv);
    const first = await send('userId,itemId\na,b\n').expect(202);
    expect((await send('userId,itemId\na,b\n').expect(202)).body.id).toBe(first.body.id);
    expectProblem(await send('userId,itemId\na,c\n'), 422, 'idempotency-conflict', /k1/);
    expectProblem(await send('userId,itemId\na,b\n', '&type=click'), 422, 'idempotency-conflict', /k1/);
    expect((await get('/jobs')).body.data).toHaveLength(1);
  });
});

describe('what operators see', () => {
  it('GET /queue: counts, the oldest that waits, and who works on what', async () => {
    await failed();
    const { body: oldest } = await post('/jobs', { model: 'a' });
    await post('/jobs', { model: 'b' });
    await service.store.workers.beat({
      id: 'w-1',
      host: 'w',
      concurrency: 1,
      jobs: ['job_x'],
      trainer: {
        backend: 'gpu',
        requested: 'auto',
        reason: null,
        tensorflow: '2.18.1',
        device: 'NVIDIA H200',
        threads: 2,
        memoryMiB: 64_000,
        matmulMs: 1,
      },
      problem: null,
    });
    const { body } = await get('/queue').expect(200);
    expect(body).toMatchObject({
      available: true,
      jobs: { queued: 2, failed: 1, running: 0 },
      oldestWaiting: { id: oldest.id, model: 'a', waitedSeconds: expect.any(Number) },
      workers: [{ id: 'w-1', backend: 'gpu', device: 'NVIDIA H200', memoryMiB: 64_000, jobs: ['job_x'] }],
    });
    service.queue.up = false;
    expect((await get('/queue').expect(200)).body.available).toBe(false);
  });

  it('GET /metrics: waits, runs, ends and retries', async () => {
    const id = await failed();
    await service.store.jobs.claim(id, 'failed', {});
    const { text } = await get('/metrics').expect(200);
    expect(text).toContain('stillhouse_jobs_finished_total{type="distillation",state="failed"} 1');
    expect(text).toContain('stillhouse_job_retries_total{type="distillation"} 1');
    expect(text).toContain('stillhouse_job_wait_seconds_bucket{type="distillation",le="+Inf"} 1');
    expect(text).toContain('stillhouse_job_run_seconds_count{type="distillation"} 1');
    expect(text).toContain('# TYPE stillhouse_job_run_seconds histogram');
    expect(text).toContain('stillhouse_jobs{state="running"} 1');
  });

  it('GET /jobs/:id/logs: pages of lines', async () => {
    const { body: job } = await post('/jobs', { model: 'a' });
    const lines = ['a', 'b', 'c'].map((message) => ({ at: Date.now(), level: 'info' as const, message }));
    await service.store.jobs.log(job.id, lines);
    const first = await get(`/jobs/${job.id}/logs?limit=2`).expect(200);
    expect(first.body.data.map(({ message }: { message: string }) => message)).toEqual(['a', 'b']);
    const rest = await get(`/jobs/${job.id}/logs?limit=2&cursor=${first.body.nextCursor}`).expect(200);
    expect(rest.body).toMatchObject({ data: [{ seq: 3, message: 'c', level: 'info' }], nextCursor: null });
    expectProblem(await get('/jobs/job_none/logs'), 404, 'not-found', /job_none/);
    expectProblem(await get(`/jobs/${job.id}/logs?cursor=x`), 400, 'invalid-request', /cursor must/);
  });
});

describe('with API keys', () => {
  it('a job says which key asked for it, never the key, and keys do not share idempotency keys', async () => {
    await service.close();
    const hash = (key: string) => createHash('sha256').update(key).digest('hex');
    const apiKeys = parseApiKeys(`${hash('one')}:admin,${hash('two')}:train`);
    service = await startService({ apiKeys });
    await storeEnough(service.store);
    const as = (key: string) =>
      post('/jobs', { model: 'm' }).set('x-api-key', key).set('idempotency-key', 'same').expect(202);
    const [one, two] = [await as('one'), await as('two')];
    expect(one.body.keyId).toBe(hash('one').slice(0, 12));
    expect(two.body.keyId).toBe(hash('two').slice(0, 12));
    expect(one.body.id).not.toBe(two.body.id);
    expectProblem(await get('/queue'), 401, 'unauthorized', /API key/);
    expectProblem(await get('/queue').set('x-api-key', 'two'), 403, 'forbidden', /scope read/);
  });
});
