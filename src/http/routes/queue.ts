import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json, named, problems } from '../docs/documentation.ts';
import { ALIVE_MS } from './workers.ts';

const EXAMPLE = {
  available: true,
  jobs: { queued: 1, running: 1, cancelling: 0, succeeded: 40, failed: 2, cancelled: 1 },
  delayed: 0,
  oldestWaiting: {
    id: 'job_01kq3w7m2hz5n8c4yj7p3d6fab',
    model: 'movies',
    createdAt: '2026-03-01T12:00:00.000Z',
    waitedSeconds: 12.5,
  },
  workers: [
    {
      id: 'trainer-1-4711',
      host: 'trainer-1',
      concurrency: 1,
      backend: 'gpu',
      device: 'NVIDIA H200',
      memoryMiB: 128_000,
      jobs: ['job_01kq3v5yqk8r7m2d9xw4t6b1ce'],
      seenAt: '2026-03-01T12:00:10.000Z',
    },
  ],
};

export function queueRoutes({ store, queue, now }: Pick<AppDeps, 'store' | 'queue' | 'now'>) {
  return async (app: App): Promise<void> => {
    app.get('/queue', {
      config: { scope: 'read' },
      schema: {
        operationId: 'getQueue',
        tags: ['operations'],
        summary: 'What waits and who works',
        description: 'From the database, so that it answers while the queue is away.',
        response: { 200: json('The queue as it is now.', named('QueueView'), EXAMPLE) },
        problems: problems({
          'store-unavailable': 'The database cannot be read; try again in a few seconds.',
        }),
      },
      handler: async () => {
        const [{ states, delayed, oldestWaiting }, workers] = await Promise.all([
          store.jobs.queueCounts(),
          store.workers.alive(ALIVE_MS),
        ]);
        return {
          available: queue.healthy(),
          jobs: states,
          delayed,
          oldestWaiting: oldestWaiting && {
            id: oldestWaiting.id,
            model: oldestWaiting.model,
            createdAt: oldestWaiting.createdAt,
            waitedSeconds: waited(oldestWaiting, now()),
          },
          workers: workers.map(({ id, host, concurrency, trainer, jobs, seenAt }) => ({
            id,
            host,
            concurrency,
            backend: trainer?.backend ?? null,
            device: trainer?.device ?? null,
            memoryMiB: trainer?.memoryMiB ?? null,
            jobs,
            seenAt,
          })),
        };
      },
    });
  };
}

/** In seconds, from the time at which it could have run. */
function waited(job: { createdAt: string; spec: object }, now: number): number {
  const { notBefore } = job.spec as { notBefore?: string };
  const since = Math.max(Date.parse(job.createdAt), notBefore === undefined ? 0 : Date.parse(notBefore));
  return Math.max(0, Math.round(now - since)) / 1000;
}
