import { Type } from 'typebox';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json, named, problems } from '../docs/documentation.ts';

/** Workers speak up every ten seconds; two missed beats are a hiccup. */
export const ALIVE_MS = 30_000;

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
          200: json('Workers by id.', Type.Object({ data: Type.Array(named('WorkerStatus')) }), EXAMPLE),
        },
        problems: problems({
          'store-unavailable': 'The database cannot be read; try again in a few seconds.',
        }),
      },
      handler: async () => ({ data: await store.workers.alive(ALIVE_MS) }),
    });
  };
}
