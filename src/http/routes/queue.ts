import { type FastifyInstance, fastify } from 'fastify';
import { QueueView } from '../../domain/jobs/queue.ts';
import { ALIVE_MS } from '../../domain/jobs/worker.ts';
import { laneViews, waitedSeconds } from '../../store/jobs/lane-views.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { json } from '../docs/documentation.ts';

const BOARD = '/admin/queue';
const FROM_ELSEWHERE = /<link[^>]+href="https?:[^>]*>/g;

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
  lanes: [
    {
      lane: 'imports' as const,
      queued: 0,
      delayed: 0,
      running: 0,
      oldestWaitedSeconds: null,
      workers: 0,
      concurrency: 0,
    },
    {
      lane: 'training' as const,
      queued: 1,
      delayed: 0,
      running: 1,
      oldestWaitedSeconds: 12.5,
      workers: 1,
      concurrency: 1,
    },
    {
      lane: 'maintenance' as const,
      queued: 0,
      delayed: 0,
      running: 0,
      oldestWaitedSeconds: null,
      workers: 0,
      concurrency: 0,
    },
  ],
  workers: [
    {
      id: 'trainer-1-4711',
      host: 'trainer-1',
      concurrency: 1,
      lanes: [{ lane: 'training' as const, concurrency: 1 }],
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
        response: { 200: json('The queue as it is now.', QueueView, { 'one job waits, one runs': EXAMPLE }) },
        problems: {},
      },
      handler: async () => {
        const [counts, workers] = await Promise.all([
          store.jobs.queueCounts(),
          store.workers.alive(ALIVE_MS),
        ]);
        const { states, delayed, oldestWaiting } = counts;
        return {
          available: queue.healthy(),
          jobs: states,
          delayed,
          oldestWaiting: oldestWaiting && {
            id: oldestWaiting.id,
            model: oldestWaiting.model,
            createdAt: oldestWaiting.createdAt,
            waitedSeconds: waitedSeconds(oldestWaiting, now()),
          },
          lanes: laneViews(counts, workers, now()),
          workers: workers.map(({ id, host, concurrency, lanes, trainer, jobs, seenAt }) => ({
            id,
            host,
            concurrency,
            ...(lanes && { lanes }),
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

/**
 * The page about the queue, for people with the scope admin. It is a server of its own that never listens: built when
 * somebody first opens it, so that starting costs nothing, and given the requests that have passed our hooks.
 */
export function queueBoardRoutes({ queue }: Pick<AppDeps, 'queue'>) {
  return async (app: App): Promise<void> => {
    let board: Promise<FastifyInstance> | undefined;

    function opened(): Promise<FastifyInstance> {
      board ??= createBoard(queue).catch((error) => {
        board = undefined;
        throw error;
      });
      return board;
    }

    for (const url of [BOARD, `${BOARD}/*`]) {
      app.get(url, {
        config: { scope: 'admin', asksInBrowser: true },
        schema: { hide: true },
        handler: async (request, reply) => {
          const { routing } = await opened();
          reply.hijack();
          routing(request.raw, reply.raw);
        },
      });
    }
    app.addHook('onClose', async () => {
      await (await board?.catch(() => undefined))?.close();
    });
  };
}

async function createBoard(queue: AppDeps['queue']): Promise<FastifyInstance> {
  const adapters = await queue.board();
  const [{ createBullBoard }, { FastifyAdapter }] = await Promise.all([
    import('@bull-board/api'),
    import('@bull-board/fastify'),
  ]);
  const serverAdapter = new FastifyAdapter();
  createBullBoard({
    queues: adapters,
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Stillhouse', hideRedisDetails: true } },
  });
  serverAdapter.setBasePath(BOARD);
  const server = fastify();
  // The page asks for a font of another site, which would learn who looks at it; without it the browser's own is shown.
  server.addHook('onSend', async (_request, _reply, payload) =>
    typeof payload === 'string' ? payload.replace(FROM_ELSEWHERE, '') : payload,
  );
  await server.register(serverAdapter.registerPlugin(), { prefix: BOARD });
  await server.ready();
  return server;
}
