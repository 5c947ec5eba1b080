import { afterEach, describe, expect, it } from 'vitest';
import { problem } from '../../../src/core/errors.ts';
import type { Job } from '../../../src/domain/jobs/job.ts';
import { createWorkerMetrics } from '../../../src/worker/port/worker-metrics.ts';
import { openWorkerPort, type WorkerPort } from '../../../src/worker/port/worker-port.ts';
import type { Work } from '../../../src/worker/queue/runner.ts';

let port: WorkerPort | undefined;
afterEach(() => port?.close());

async function open(whyNotReady: () => Promise<string | null>, metrics = createWorkerMetrics()) {
  port = await openWorkerPort({ host: '127.0.0.1', port: 0, registry: metrics.registry, whyNotReady });
  const url = `http://127.0.0.1:${port.port}`;
  return (path: string, init?: RequestInit) => fetch(`${url}${path}`, init);
}

describe('the port of a worker', () => {
  it('says that it lives and takes jobs', async () => {
    const get = await open(async () => null);
    expect(await (await get('/health/live')).json()).toEqual({ status: 'alive' });
    const ready = await get('/health/ready?x=1');
    expect([ready.status, await ready.json()]).toEqual([200, { status: 'ready' }]);
  });

  it('says why it takes none', async () => {
    const get = await open(async () => 'Redis cannot be reached.');
    const answer = await get('/health/ready');
    expect([answer.status, await answer.json()]).toEqual([
      503,
      { status: 'not-ready', reasons: ['Redis cannot be reached.'] },
    ]);
  });

  it('is not ready while the database is away', async () => {
    const get = await open(async () => {
      throw problem('store-unavailable', 'The database is locked.');
    });
    const answer = await get('/health/ready');
    expect(answer.status).toBe(503);
    expect(await answer.text()).toContain('The database is locked.');
  });

  it('says what it answers to whoever asks for something else', async () => {
    const get = await open(async () => null);
    for (const answer of [await get('/recommend/u'), await get('/metrics', { method: 'POST' })]) {
      expect(answer.status).toBe(404);
      expect(((await answer.json()) as { detail: string }).detail).toContain(
        '/health/live, /health/ready, /metrics',
      );
    }
  });

  it('counts attempts by their end, running jobs, and the memory of trainers', async () => {
    const metrics = createWorkerMetrics();
    const get = await open(async () => null, metrics);
    const during: string[] = [];
    const job = { id: 'job_1' } as Job;
    const context = { progress: { report() {} } } as unknown as Parameters<Work>[1];
    const work: Work = async (_job, { progress }) => {
      progress.report({ stage: 'teacher', fraction: 0.5, rssMiB: 3 });
      during.push(await (await get('/metrics')).text());
      return { kind: 'failed' } as unknown as Awaited<ReturnType<Work>>;
    };
    await metrics.watch({ distillation: work, import: work }).distillation(job, context);
    expect(during[0]).toContain('stillhouse_worker_running_jobs{type="distillation"} 1');
    expect(during[0]).toContain(`stillhouse_trainer_memory_bytes ${3 * 2 ** 20}`);
    const after = await (await get('/metrics')).text();
    expect(after).toContain('stillhouse_worker_running_jobs{type="distillation"} 0');
    expect(after).toContain('stillhouse_trainer_memory_bytes 0');
    expect(after).toContain('stillhouse_worker_attempts_total{type="distillation",outcome="failed"} 1');
    expect(after).toContain('process_resident_memory_bytes');
  });
});
