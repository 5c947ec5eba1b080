import request from 'supertest';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import type { JobPlan } from '../../src/domain/jobs/job-plan.ts';
import { eventually } from '../helpers/eventually.ts';
import { expectProblem } from './problem.ts';
import { realPlanner } from './real-planner.ts';
import { type Service, startService, storeEnough } from './service.ts';

let service: Service;
beforeEach(async () => {
  service = await startService({ planner: realPlanner(() => service) });
});
afterEach(() => service.close());

const plan = async (body: object): Promise<JobPlan> =>
  (await request(service.url).post('/jobs/plan').send(body).expect(200)).body;
const jobs = async () => (await request(service.url).get('/jobs')).body.data;

describe('POST /jobs/plan', () => {
  it('answers the job with its defaults, and stores nothing', async () => {
    await storeEnough(service.store);
    const answer = await plan({ model: 'movies' });
    expect(answer).toMatchObject({
      runs: true,
      spec: { model: 'movies', task: 'single-label', student: { quantization: 'int8' } },
      data: { rows: 50, users: 10, items: 10 },
      problems: [],
    });
    expect(answer.defaults.length).toBeGreaterThan(15);
    expect(await jobs()).toEqual([]);
    expect(service.queue.queued).toEqual([]);
  });

  it('refuses a file outside of IMPORT_DIR, as POST /jobs does, and says where only a worker knows', async () => {
    const from = (parquet: string) => ({ model: 'movies', dataset: { source: { parquet } } });
    const code = 'source-not-allowed';
    expect(await plan(from('../a.parquet'))).toMatchObject({
      runs: false,
      problems: [{ field: 'dataset.source.parquet', code }],
    });
    const posted = await request(service.url).post('/jobs').send(from('../a.parquet'));
    expectProblem(posted, 403, code, /^dataset\.source\.parquet must be within IMPORT_DIR/);
    expect(await jobs()).toEqual([]);
    expect((await plan(from('a.parquet'))).warnings).toContainEqual(
      expect.stringMatching(/IMPORT_DIR is not set for this api/),
    );
  });

  it('says what POST /jobs would refuse the job for, with the field and what would be right', async () => {
    expect((await plan({ model: 'movies' })).problems[0]).toMatchObject({
      field: null,
      code: 'not-enough-data',
      detail: expect.stringMatching(/at least 50 interactions/),
    });
    await storeEnough(service.store);
    const problemOf = async (body: object) => (await plan({ model: 'movies', ...body })).problems;
    expect(await problemOf({ search: { dimensions: [8, 8] } })).toEqual([
      expect.objectContaining({ field: 'search.dimensions', code: 'invalid-job' }),
    ]);
    expect(await problemOf({ teacher: { model: 'films' } })).toEqual([
      expect.objectContaining({ field: 'teacher.model', detail: expect.stringMatching(/no model films/) }),
    ]);
    expect(await problemOf({ student: { kind: 'fold-in', mostBytes: 10 } })).toEqual([
      expect.objectContaining({ field: 'student.mostBytes' }),
    ]);
    expect(await problemOf({ publish: { gate: ['ndcg@10 >= 5'] } })).toEqual([
      expect.objectContaining({ field: 'publish.gate[0]' }),
    ]);
  });

  it.each([
    [{}, /model/],
    [{ model: 'm', student: { kind: 'fold-in', dimensions: 0 } }, /student\.dimensions/],
    [{ model: 'm', search: { bytes: [0] } }, /search\.bytes\[0\]/],
    [{ model: 'm', search: { dimensions: [] } }, /search\.dimensions/],
    [{ model: 'm', search: { quantization: ['int2'] } }, /search\.quantization\[0\]/],
    [{ model: 'm', search: { latency: 0 } }, /search\.latency/],
    [{ model: 'm', search: { width: [8] } }, /width/],
    [{ model: 'm', dryRun: true }, /dryRun/],
  ])('refuses %j as POST /jobs does', async (body, detail) => {
    for (const path of ['/jobs/plan', '/jobs']) {
      const answer = await request(service.url).post(path).send(body);
      expectProblem(answer, 400, 'invalid-request', detail);
    }
  });

  it('is kept with the job, and with its retry', async () => {
    await storeEnough(service.store);
    const { body } = await request(service.url).post('/jobs').send({ model: 'movies' }).expect(202);
    // On a busy machine it comes after the answer.
    const kept = await eventually('the plan is kept', async () => {
      return (await request(service.url).get(`/jobs/${body.id}`)).body.plan as JobPlan | undefined;
    });
    expect(kept).toMatchObject({ runs: true, spec: { model: 'movies' } });
    expect((await jobs())[0].plan).toBeUndefined();
    await request(service.url).post(`/jobs/${body.id}/cancel`);
    const again = (await request(service.url).post(`/jobs/${body.id}/retry`).expect(202)).body;
    expect((await request(service.url).get(`/jobs/${again.id}`)).body.plan).toEqual(kept);
  });
});

it('a plan that takes long is kept when it is there, and nobody waits for it', async () => {
  await service.close();
  const real = realPlanner(() => service);
  let finish = () => {};
  const slow = new Promise<void>((resolve) => {
    finish = resolve;
  });
  service = await startService({
    planner: { plan: (...asked) => slow.then(() => real.plan(...asked)) },
  });
  await storeEnough(service.store);
  const { body } = await request(service.url).post('/jobs').send({ model: 'movies' }).expect(202);
  expect(body.plan).toBeUndefined();
  finish();
  await eventually('the plan is kept', async () => {
    return (await request(service.url).get(`/jobs/${body.id}`)).body.plan?.runs === true;
  });
});

it('a job starts without a plan where none can be made, and the log says so', async () => {
  await service.close();
  service = await startService({ planner: { plan: () => Promise.reject(new Error('no planner today')) } });
  await storeEnough(service.store);
  const { body } = await request(service.url).post('/jobs').send({ model: 'movies' }).expect(202);
  expect(body.plan).toBeUndefined();
  expect(service.log.join('')).toMatch(/starts without a plan.*|no planner today/);
});
