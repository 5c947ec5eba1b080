import { mkdtempSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import request from 'supertest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import { createLogger } from '../../src/core/logger.ts';
import type { CompleteDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import type { Job } from '../../src/domain/jobs/job.ts';
import type { JobPlan } from '../../src/domain/jobs/job-plan.ts';
import type { SearchReport } from '../../src/domain/jobs/search-report.ts';
import { runDistillation } from '../../src/training/pipeline.ts';
import { createStages } from '../../src/training/run/stages.ts';
import { recordEnding } from '../../src/worker/queue/settle.ts';
import { testEngine } from '../helpers/engine.ts';
import { eventually } from '../helpers/eventually.ts';
import { twoTastes } from '../helpers/two-tastes.ts';
import { expectProblem } from './problem.ts';
import { realPlanner } from './real-planner.ts';
import { type Service, startService } from './service.ts';

let service: Service;
beforeEach(async () => {
  service = await startService({ planner: realPlanner(() => service) });
  const rows = twoTastes(30).rows.map((row) => ({ ...row, value: null, eventId: null }));
  await service.store.interactions.add(rows);
});
afterEach(() => service.close());

const logger = createLogger('test', 'silent');
const stagesFolder = () => mkdtempSync(path.join(os.tmpdir(), 'stillhouse-search-'));
const get = async (target: string) => (await request(service.url).get(target)).body;
const post = (body: object) => request(service.url).post('/jobs').send(body);

/** Runs a job as its worker and its trainer would, in this process. */
async function train(id: string, folder: string): Promise<void> {
  const { store } = service;
  await store.jobs.claim(id, 'queued', {});
  const job = (await store.jobs.get(id)) as Job;
  const { version, warnings } = await runDistillation({
    task: {
      ...{ jobId: id, contest: job.leader ?? id, tensorBackend: 'auto' },
      spec: job.spec as CompleteDistillation,
    },
    store,
    artifacts: createFsStore(`file:${service.folder}/artifacts`),
    stages: createStages({ folder, jobKey: id, checkpointSeconds: 3600, mostCacheMiB: 64, logger }),
    signal: new AbortController().signal,
    onProgress() {},
    onWarning() {},
    logger,
    engine: await testEngine(),
    timedAnswers: 16,
  });
  const signals = service.queue.signals;
  await recordEnding(job, { kind: 'trained', version, warnings }, undefined, { store, signals, logger });
}

it('a search makes versions of one teacher, compares them, and each can be published later', async () => {
  const answer = await post({
    model: 'tastes',
    search: { dimensions: [8, 2], bytes: [1100], latency: 1e6 },
    teacher: { kind: 'ease' },
    student: { kind: 'fold-in', user: 'summed', tied: true, itemBias: false },
    distillation: { epochs: 3, losses: [{ kind: 'rankLabels' }], transfer: 'svd', thinned: 0 },
    evaluation: { refit: false, k: [5, 10] },
  }).expect(202);
  const { id, followers } = answer.body as Job;
  expect(followers).toHaveLength(2);
  // On a busy machine it comes after the answer.
  const plan = await eventually('the plan is kept', async () => (await get(`/jobs/${id}`)).plan as JobPlan);
  expect(plan.students.map(({ dimensions }) => dimensions)).toEqual([8, 2, expect.any(Number)]);
  const nothing: SearchReport = await get(`/jobs/${id}/search`);
  expect(nothing).toMatchObject({ isComplete: false, front: [], knee: null, chosen: null, metric: null });

  const folder = stagesFolder();
  for (const job of [id, ...followers!]) await train(job, folder);
  const report: SearchReport = await get(`/jobs/${id}/search`);
  expect(await get(`/jobs/${followers![1]}/search`)).toEqual(report);
  expect(report).toMatchObject({
    jobId: id,
    model: 'tastes',
    isComplete: true,
    metric: 'ndcg@10',
    choose: 'knee',
  });
  const versions = await service.store.models.versions('tastes');
  expect(report.points.map(({ version }) => version)).toEqual([1, 2, 3]);
  for (const point of report.points) {
    const version = versions.find((one) => one.version === point.version)!;
    expect(point).toMatchObject({ state: 'succeeded', bytes: version.bytes, beyond: [], problem: null });
    expect(point.quality!.value).toBeCloseTo(version.summary.metrics.student!['ndcg@10']!, 12);
    expect(point.microseconds).toBeGreaterThan(0);
    expect(version.aliases).toContain(`stable-${point.place}`);
    // What was expected before anything was trained.
    expect(point.bytes).toBe(plan.students[point.place - 1]!.bytes);
  }
  expect(report.points[2]!.bytes).toBeLessThanOrEqual(1100);
  expect(report.knee).not.toBeNull();
  // None is measured against another one of the same request that was live for a moment.
  expect(versions.map(({ promotion }) => promotion!.comparedWith)).toEqual([null, null, null]);
  const stable = versions.filter(({ aliases }) => aliases.includes('stable')).map(({ version }) => version);
  expect(stable).toEqual(report.chosen === null ? [] : [report.chosen]);
  expect(report.points.filter(({ isChosen }) => isChosen)).toHaveLength(stable.length);

  const other = report.points.find(({ version }) => version !== report.chosen)!;
  await request(service.url)
    .put('/models/tastes/aliases/stable')
    .send({ version: other.version, reason: 'the smaller one is enough' })
    .expect(200);
  const later: SearchReport = await get(`/jobs/${id}/search`);
  expect(later.chosen).toBe(other.version);
  expect(later.points.map(({ isChosen }) => isChosen)).toEqual(
    report.points.map(({ place }) => place === other.place),
  );
});

it('one student is no search', async () => {
  const { body } = await post({ model: 'm' }).expect(202);
  const answer = await request(service.url).get(`/jobs/${body.id}/search`);
  expectProblem(answer, 409, 'conflict', /has one student; POST \/jobs with search/);
  expectProblem(await request(service.url).get('/jobs/none/search'), 404, 'not-found', /no job "none"/);
});

it.each([
  [{ search: { dimensions: [8] } }, /search has one point/],
  [{ search: { dimensions: [8, 16] }, students: [{ kind: 'fold-in' }] }, /exclude each other/],
  [{ search: { dimensions: [8, 16], latency: 3 }, publish: { gate: 'off' } }, /search\.latency/],
  [{ search: { bytes: [1000, 2000] }, task: 'rating' }, /search\.bytes is for tasks that rank items/],
])('refuses %j', async (more, detail) => {
  expectProblem(await post({ model: 'm', ...more }), 422, 'invalid-job', detail);
  expect((await get('/jobs')).data).toEqual([]);
});
