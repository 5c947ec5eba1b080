import request from 'supertest';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService, storeEnough } from './service.ts';

let service: Service;
/** Tests that store something get a service of their own. */
function withFreshService(): void {
  beforeEach(async () => {
    service = await startService();
  });
  afterEach(() => service.close());
}

const post = (body: object | string) =>
  request(service.url).post('/jobs').set('content-type', 'application/json').send(body);

describe('POST /jobs', () => {
  withFreshService();

  it('queues a job and says where it is', async () => {
    await storeEnough(service.store);
    const spec = {
      model: 'movies',
      dataset: {
        types: { rating: { minValue: 4 }, click: { weight: 0.3 } },
        halfLifeDays: 180,
        since: '2025-01-01',
        sample: { users: 0.5 },
        minInteractions: { perUser: 5, perItem: 5 },
      },
      teacher: { kind: 'softmax', hidden: [600] },
      student: { kind: 'fold-in', dimensions: 32, quantization: 'int8' },
      distillation: {
        losses: [
          { kind: 'softLabels', temperature: 2 },
          { kind: 'hardLabels', weight: 0.5 },
        ],
        seed: 42,
      },
      evaluation: { k: [10, 20] },
      publish: { alias: 'stable' },
    };
    const answer = await post(spec).expect(202);
    expect(answer.headers.location).toBe(`/jobs/${answer.body.id}`);
    expect(answer.body).toMatchObject({
      type: 'distillation',
      state: 'queued',
      model: 'movies',
      attempts: 0,
    });
    expect(answer.body.spec).toEqual(completeDistillation(spec as DistillationSpec));
    expect(answer.body.spec).toMatchObject(spec);
    expect(service.queue.queued).toEqual([answer.body.id]);
    const read = await request(service.url).get(answer.headers.location!).expect(200);
    const waiting = 'waits for a worker of lane training: none is there';
    expect(read.body).toEqual({ ...answer.body, waiting });
  });

  it('reads former names of losses, and answers with those of today', async () => {
    await storeEnough(service.store);
    const losses = [{ kind: 'ranking', top: 5 }, { kind: 'topology' }, { kind: 'hardLabels' }];
    const answer = await post({ model: 'movies', distillation: { losses } }).expect(202);
    const { spec } = answer.body;
    expect(spec.distillation.losses).toEqual([
      { kind: 'rrd', weight: 1, top: 5, ownItems: 'hidden', side: 'users' },
      { kind: 'ftd', weight: 1 },
      { kind: 'hardLabels', weight: 1 },
    ]);
    // A job of an earlier release.
    const stored = { ...spec, distillation: { ...spec.distillation, losses: [{ kind: 'rce', weight: 1 }] } };
    await service.store.jobs.create({ id: 'job_old', type: 'distillation', model: 'movies', spec: stored });
    const read = await request(service.url).get('/jobs/job_old').expect(200);
    expect(read.body.spec.distillation.losses).toEqual([{ kind: 'rce-kd', weight: 1 }]);
  });

  it('says how much data is enough, unless an import may bring it', async () => {
    const refused = await post({ model: 'm' });
    expectProblem(
      refused,
      422,
      'not-enough-data',
      /at least 50 interactions, of at least 10 users with at least 10 items; there are 0/,
    );
    expect((await request(service.url).get('/jobs')).body.data).toEqual([]);
    await request(service.url)
      .post('/imports?kind=interactions&format=csv')
      .send('userId,itemId\na,b\n')
      .expect(202);
    await post({ model: 'm' }).expect(202);
  });
});

describe('POST /jobs with a bad body', () => {
  beforeAll(async () => {
    service = await startService();
  });
  afterAll(() => service.close());

  it.each([
    [
      '{"model":"m","distillation":{"losses":[{"kind":"softLabels","temperature":0}]}}',
      /^distillation\.losses\[0\]\.temperature must be a number > 0 and <= 1000; got 0\.$/,
    ],
    [
      '{"model":"m","distillation":{"losses":[{"kind":"softLabels","temperature":"NaN"}]}}',
      /losses\[0\]\.temperature must be a number .*; got "NaN"/,
    ],
    [
      '{"model":"m","distillation":{"learningRate":1e999}}',
      /distillation\.learningRate must be a number .*; got Infinity/,
    ],
    [
      '{"model":"m","distillation":{"losses":[{"kind":"softLabels","weight":{"schedule":"linear","from":-1}}]}}',
      /losses\[0\]\.weight\.from must be a number from 0 to 1000; got -1\.$/,
    ],
    [
      '{"model":"m","distillation":{"losses":[{"kind":"softLabels","weight":true}]}}',
      /losses\[0\]\.weight must be a number from 0 to 1000 or an object; got true\.$/,
    ],
    [
      '{"model":"m","distillation":{"losses":[{"kind":"magic"}]}}',
      /losses\[0\]\.kind must be one of .*hardLabels, .*rce-kd, .*softLabels; got "magic"\.$/,
    ],
    [
      '{"model":"m","distillation":{"losses":[{"weight":1}]}}',
      /losses\[0\]\.kind is missing; it is one of dcd, /,
    ],
    [
      '{"model":"m","distillation":{"losses":[{"kind":3}]}}',
      /losses\[0\]\.kind must be one of dcd, .*; got 3\.$/,
    ],
    ['{"model":"m","distillation":{"losses":["rrd"]}}', /losses\[0\] must be an object; got "rrd"\.$/],
    [
      '{"model":"m","distillation":{"losses":[{"kind":"hardLabels","temperature":2}]}}',
      /losses\[0\]\.temperature belongs to dcd, rankLabels, rce-kd, softLabels; leave it out for hardLabels \(hardLabels has weight, link\)\.$/,
    ],
    [
      '{"model":"m","distillation":{"losses":[{"kind":"hint","top":5},{"kind":"rankLabels"}]}}',
      /losses\[0\]\.top belongs to .*rankLabels.*; leave it out for fitnet \(fitnet has weight\)\.$/,
    ],
    [
      '{"model":"m","distillation":{"losses":[{"kind":"rrd","colour":"red"}]}}',
      /losses\[0\]\.colour is not known here; known are kind, weight, top, samples, ownItems, side\.$/,
    ],
    [
      '{"model":"m","distillation":{"losses":[{"kind":"rrd","side":"users"},{"kind":"dcd","side":"item"}]}}',
      /losses\[1\]\.side must be one of users, items, both; got "item"\.$/,
    ],
    [
      '{"model":"m","distillation":{"losses":[{"kind":"rankLabels","side":"both"}]}}',
      /losses\[0\]\.side belongs to dcd, rrd; leave it out for rankLabels/,
    ],
    [
      '{"model":"m","student":{"kind":"fold-in","dimensions":"32"}}',
      /student\.dimensions must be a whole number from 1 to 1024; got "32"/,
    ],
    [
      '{"model":"m","dataset":{"sample":{"users":0}}}',
      /dataset\.sample\.users must be a number > 0 and <= 1; got 0\.$/,
    ],
    ['{"model":"m","dataset":{"sample":{"items":1.5}}}', /sample\.items must be a number .*; got 1\.5\.$/],
    ['{"model":"m","dataset":{"sample":{"seed":-1}}}', /sample\.seed must be a whole number .*; got -1\.$/],
    ['{"model":"m","dataset":{"sample":0.1}}', /dataset\.sample must be an object; got 0\.1\.$/],
    [
      '{"model":"m","dataset":{"minInteractions":{"perUser":0}}}',
      /dataset\.minInteractions\.perUser must be a whole number from 1 to 1000000; got 0\.$/,
    ],
    ['{"model":"m","dataset":{"minInteractions":{"users":5}}}', /minInteractions\.users is not known here/],
    ['{"model":"m","dataset":{"since":20260101}}', /dataset\.since must be text.*; got 20260101\.$/],
    [
      '{"model":"m","dataset":{"split":{"strategy":"leave-last-out","testFraction":0.1}}}',
      /split\.testFraction belongs to global-time, held-out-users, last-fraction, random; leave it out for leave-last-out \(leave-last-out has no options\)\.$/,
    ],
    [
      '{"model":"m","dataset":{"split":{"strategy":"random","test":"buy"}}}',
      /split\.test belongs to types; leave it out for random \(random has testFraction, validationFraction\)\.$/,
    ],
    [
      '{"model":"m","dataset":{"split":{"strategy":"first"}}}',
      /split\.strategy must be one of global-time, .*types; got "first"\.$/,
    ],
    ['{"model":"m","student":{"dimensions":32}}', /student\.kind is missing/],
    ['{"model":"m","colour":"red"}', /colour is not known here; known are type, model/],
    ['{"model":"My Model"}', /model must be a name of 1-64 small letters.*; got "My Model"/],
    ['{"model":"m","type":"import"}', /type must be "distillation"; got "import"/],
    ['{"model":"m","distillation":{"losses":[]}}', /distillation\.losses must have at least 1 entry; got 0/],
    ['{}', /model is missing/],
    ['[]', /the body must be an object; got a list/],
    ['null', /the body is missing/],
    ['', /the body is missing/],
  ])('refuses %s', async (body, detail) => {
    expectProblem(await post(body), 400, 'invalid-request', detail);
  });

  it('names every wrong field at once', async () => {
    const answer = await post({
      model: 'm',
      student: { kind: 'fold-in', hidden: 0, dimensions: 0 },
      teacher: { kind: 'y' },
    });
    expect(answer.body.errors).toHaveLength(3);
    expect(answer.body.detail).toMatch(/teacher\.kind .*student\.dimensions .*student\.hidden/);
  });

  it.each([
    ['{"model":"m","temperature":NaN}', /NaN at line 1, column 28 is not JSON/],
    ['{"model":"m",\n"x":-Infinity}', /-Infinity at line 2, column 5 is not JSON/],
    ['{"model":"m",}', /wrong at line 1, column 14/],
    ['{"model":', /ends too early/],
    ['{"__proto__":{"model":"m"}}', /__proto__/],
    [Buffer.from([0x7b, 0xff, 0x7d]).toString('latin1'), /is not UTF-8|wrong/],
  ])('says where JSON is malformed: %s', async (body, detail) => {
    expectProblem(await post(body), 400, 'malformed-json', detail);
  });

  it.each([
    [{ losses: [{ kind: 'softLabels', weight: 0 }] }, /losses must have a weight > 0/],
    [{ losses: [{ kind: 'fitnet' }] }, /train no scores; add one such as rankLabels/],
    [
      { losses: [{ kind: 'softLabels' }, { kind: 'softLabels' }] },
      /losses\[1\]\.kind softLabels is there twice/,
    ],
  ])('refuses what fits the schema and means nothing: %j', async (distillation, detail) => {
    expectProblem(await post({ model: 'm', distillation }), 422, 'invalid-job', detail);
  });

  it.each([
    [
      { task: 'sequence' },
      400,
      'invalid-request',
      /^task must be one of single-label, .*sequential.*; got "sequence"/,
    ],
    [
      { teacher: { kind: 'sasrec' } },
      422,
      'invalid-job',
      /teacher\.kind sasrec learns from the order .*"task": "sequential"/,
    ],
    [{ student: { kind: 'sequential' } }, 422, 'invalid-job', /student\.kind sequential reads the order/],
    [
      { task: 'sequential', student: { kind: 'sequential', recency: 0.5 } },
      400,
      'invalid-request',
      /student\.recency belongs to fold-in; leave it out for sequential/,
    ],
    [
      { student: { kind: 'fold-in', maxHistory: 0 } },
      400,
      'invalid-request',
      /student\.maxHistory must be a whole number from 1 to 10000; got 0/,
    ],
    [
      { task: 'sequential', student: { kind: 'sequential', maxHistory: 8 } },
      400,
      'invalid-request',
      /student\.maxHistory belongs to fold-in; leave it out for sequential/,
    ],
    [
      { student: { kind: 'fold-in', maxLength: 8 } },
      400,
      'invalid-request',
      /student\.maxLength belongs to sequential; leave it out for fold-in/,
    ],
    [
      { student: { kind: 'lstm' } },
      400,
      'invalid-request',
      /student\.kind must be one of fold-in, sequential; got "lstm"/,
    ],
  ] as const)('refuses sequences that do not fit: %j', async (part, status, code, detail) => {
    expectProblem(await post({ model: 'm', ...part }), status, code, detail);
  });

  it('refuses bodies that are too large or of another type', async () => {
    expectProblem(
      await post(`{"model":"${'m'.repeat(70_000)}"}`),
      413,
      'payload-too-large',
      /at most 65536 bytes/,
    );
    const form = await request(service.url).post('/jobs').type('form').send('model=m');
    expectProblem(form, 415, 'unsupported-media-type', /x-www-form-urlencoded; send application\/json/);
  });
});

describe('with Redis away', () => {
  withFreshService();

  beforeEach(async () => {
    await storeEnough(service.store);
  });

  it('answers 503 with Retry-After and leaves no record', async () => {
    service.queue.up = false;
    const answer = await post({ model: 'm' });
    expectProblem(answer, 503, 'queue-unavailable', /queue/);
    expect(answer.headers['retry-after']).toBe('5');
    expect((await request(service.url).get('/jobs').expect(200)).body.data).toEqual([]);
  });

  it('leaves no record either when Redis goes in between', async () => {
    service.queue.healthy = () => true;
    service.queue.up = false;
    expectProblem(await post({ model: 'm' }), 503, 'queue-unavailable', /queue/);
    expect((await request(service.url).get('/jobs').expect(200)).body.data).toEqual([]);
  });

  it('still reads jobs, and does not pretend to cancel', async () => {
    const { id } = (await post({ model: 'm' }).expect(202)).body;
    service.queue.up = false;
    expectProblem(await request(service.url).post(`/jobs/${id}/cancel`), 503, 'queue-unavailable', /queue/);
    expect((await request(service.url).get(`/jobs/${id}`).expect(200)).body.state).toBe('queued');
    expect((await request(service.url).get(`/jobs/${id}/events`).expect(200)).body.data).toHaveLength(1);
  });
});

describe('POST /jobs/:id/cancel', () => {
  withFreshService();

  const cancel = (id: string) => request(service.url).post(`/jobs/${id}/cancel`);
  async function submitted(): Promise<string> {
    await storeEnough(service.store);
    return (await post({ model: 'm' }).expect(202)).body.id;
  }

  it('cancels a queued job at once and takes it off the queue', async () => {
    const id = await submitted();
    const answer = await cancel(id).expect(200);
    expect(answer.body).toMatchObject({ id, state: 'cancelled' });
    expect(answer.body.finishedAt).toEqual(expect.any(String));
    expect(service.queue.queued).toEqual([]);
    expectProblem(await cancel(id), 409, 'conflict', /already cancelled/);
  });

  it('tells a running job to stop, as often as it is asked', async () => {
    const id = await submitted();
    await service.store.jobs.transition(id, ['queued'], 'running');
    expect((await cancel(id).expect(202)).body.state).toBe('cancelling');
    await cancel(id).expect(202);
    expect(service.queue.sent.filter((signal) => signal.kind === 'cancel')).toHaveLength(2);
  });

  it('does not mind a body, whatever it is called', async () => {
    const id = await submitted();
    await cancel(id).type('form').send('').expect(200);
  });

  it('refuses a finished job and an unknown one', async () => {
    const id = await submitted();
    await service.store.jobs.transition(id, ['queued'], 'running');
    await service.store.jobs.transition(id, ['running'], 'succeeded');
    expectProblem(await cancel(id), 409, 'conflict', /already succeeded/);
    expectProblem(await cancel('job_none'), 404, 'not-found', /"job_none"/);
  });
});

describe('GET /jobs', () => {
  withFreshService();

  it('pages and filters', async () => {
    await storeEnough(service.store);
    for (const model of ['a', 'b', 'a']) await post({ model }).expect(202);
    const first = await request(service.url).get('/jobs?limit=2').expect(200);
    expect(first.body.data).toHaveLength(2);
    const rest = await request(service.url)
      .get('/jobs')
      .query({ limit: 2, cursor: first.body.nextCursor })
      .expect(200);
    expect(rest.body.data).toHaveLength(1);
    expect(rest.body.nextCursor).toBeNull();
    expect((await request(service.url).get('/jobs?model=a&state=queued')).body.data).toHaveLength(2);
    expect((await request(service.url).get('/jobs?type=import')).body.data).toEqual([]);
  });

  it.each([
    ['/jobs?state=done', /state must be one of queued, running, .*; got "done"/],
    ['/jobs?limit=0', /limit must be a whole number from 1 to 1000; got 0/],
    [`/jobs?limit=${'9'.repeat(400)}`, /limit must be a whole number from 1 to 1000; got 1\.79/],
    ['/jobs?limit=-1e999', /limit must be a whole number from 1 to 1000; got -1\.79/],
    ['/jobs?limt=5', /limt is not known here; known are cursor, limit/],
    ['/jobs?cursor=%7B', /cursor/],
    ['/jobs?limit=1&limit=2', /limit must be a whole number from 1 to 1000; got a list/],
  ])('refuses %s', async (path, detail) => {
    expectProblem(await request(service.url).get(path), 400, 'invalid-request', detail);
  });

  it('keeps every field of every kind of job', async () => {
    const { jobs } = service.store;
    const spec = {
      type: 'import',
      kind: 'items',
      format: 'csv',
      file: 'imports/job_1.csv',
      bytes: 9,
    } as const;
    await jobs.create({ id: 'job_1', type: 'import', model: null, spec });
    await jobs.transition('job_1', ['queued'], 'running');
    const progress = {
      stage: 'reading',
      fraction: 0.5,
      rows: 10,
      losses: { a: 1.5 },
      metrics: { 'ndcg@10': 0.3 },
    };
    await jobs.progress('job_1', progress);
    const result = {
      rows: 3,
      accepted: 1,
      duplicates: 1,
      rejected: 1,
      rejects: [{ line: 4, reason: 'bad' }],
    };
    const broken = { code: 'invalid-csv', title: 'The CSV cannot be read', detail: 'line 4', lines: [4] };
    await jobs.transition('job_1', ['running'], 'failed', { result, problem: broken });
    const { body } = await request(service.url).get('/jobs/job_1').expect(200);
    expect(body).toEqual(JSON.parse(JSON.stringify(await jobs.get('job_1'))));
    expect(body).toMatchObject({ spec, progress, result, problem: broken, model: null });
    expectProblem(await request(service.url).get('/jobs/job_2'), 404, 'not-found', /"job_2"/);
  });
});
