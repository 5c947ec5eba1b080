import { Type } from 'typebox';
import { ALIVE_MS, WorkerStatus } from '../../domain/jobs/worker.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';

const EXAMPLE = {
  data: [
    {
      id: 'trainer-1-4711',
      host: 'trainer-1',
      startedAt: '2026-03-01T12:00:00.000Z',
      seenAt: '2026-03-01T12:34:50.000Z',
      concurrency: 1,
      jobs: ['job_01h8xk'],
      trainer: {
        backend: 'native',
        requested: 'auto',
        reason: 'no gpu: no NVIDIA driver loaded',
        tensorflow: '2.18.1',
        device: null,
        threads: 2,
        memoryMiB: 24000,
        matmulMs: 18.5,
      },
      problem: null,
    },
  ],
};

export function workerRoutes({ store }: Pick<AppDeps, 'store'>) {
  return async (app: App): Promise<void> => {
    app.get('/workers', {
      config: { scope: 'read' },
      schema: {
        operationId: 'listWorkers',
        tags: ['operations'],
        summary: 'Who is there to run jobs',
        description:
          'Workers heard of within the last half minute, with the tensor backend that their trainers found, a timed matrix product, and the jobs they run now.',
        response: {
          200: json('Workers by id.', Type.Object({ data: Type.Array(WorkerStatus) }), {
            'one worker': EXAMPLE,
          }),
        },
        problems: {},
      },
      handler: async () => ({ data: await store.workers.alive(ALIVE_MS) }),
    });
  };
}
