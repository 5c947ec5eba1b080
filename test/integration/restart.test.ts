import { afterAll, beforeAll, expect, it } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { LONG_MS, startService, type TestService } from '../helpers/service.ts';
import { twoTastes } from '../helpers/two-tastes.ts';

const SPEC = {
  model: 'two-tastes',
  teacher: { kind: 'softmax', hidden: [32], epochs: 150, batchSize: 8 },
  distillation: { epochs: 3 },
  evaluation: { refit: false },
};

/** A worker that was killed is missed soon. */
const env = { LOST_WORKER_SECONDS: '2' };

let service: TestService;

beforeAll(async () => {
  service = await startService({ env });
  const { rows } = twoTastes(20);
  expect((await service.send('POST', '/interactions', { interactions: rows })).status).toBe(200);
});
afterAll(() => service?.dispose());

let seed = 7;

/** Each job with a seed of its own: a teacher that was trained before would not be trained again. */
async function startTraining(): Promise<string> {
  const distillation = { ...SPEC.distillation, seed: seed++ };
  const { body } = await service.send('POST', '/jobs', { ...SPEC, distillation });
  await eventually(
    'it trains',
    async () => {
      const { body: now } = await service.send('GET', `/jobs/${body.id}`);
      return now.progress?.stage === 'teacher';
    },
    LONG_MS,
  );
  return body.id;
}

async function expectOneVersion(jobId: string): Promise<void> {
  const job = await service.finished(jobId);
  expect(job).toMatchObject({ state: 'succeeded', attempts: 2, problem: null });
  const { body } = await service.send('GET', '/models');
  const versions = body.data.flatMap((model: { versions: { jobId: string }[] }) => model.versions);
  expect(versions.filter((version: { jobId: string }) => version.jobId === jobId)).toHaveLength(1);
}

it('puts a running job back when it is stopped in order, and goes on with it at the next start', async () => {
  const jobId = await startTraining();
  expect(await service.stop()).toBe(0);
  const { dataDir, port } = service;
  service = await startService({ dataDir, port, env });
  await expectOneVersion(jobId);
});

it('runs a job again, and publishes it once, after its worker was killed', async () => {
  const jobId = await startTraining();
  const trainer = service.processOf(/bin\/trainer/);
  process.kill(service.processOf(/bin\/worker/).pid, 'SIGKILL');
  await eventually('the trainer has followed', () =>
    service.processes().every(({ pid }) => pid !== trainer.pid),
  );
  await expectOneVersion(jobId);
});

it('runs a job again after everything was killed at once, as when the machine restarts', async () => {
  const jobId = await startTraining();
  await service.killAll();
  const { dataDir, port } = service;
  service = await startService({ dataDir, port, env });
  await expectOneVersion(jobId);
});
