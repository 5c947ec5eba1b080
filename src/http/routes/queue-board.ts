import { type FastifyInstance, fastify } from 'fastify';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';

const PREFIX = '/admin/queue';

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

    for (const url of [PREFIX, `${PREFIX}/*`]) {
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
  const adapter = await queue.board();
  const [{ createBullBoard }, { FastifyAdapter }] = await Promise.all([
    import('@bull-board/api'),
    import('@bull-board/fastify'),
  ]);
  const serverAdapter = new FastifyAdapter();
  createBullBoard({
    queues: [adapter],
    serverAdapter,
    options: { uiConfig: { boardTitle: 'Stillhouse', hideRedisDetails: true } },
  });
  serverAdapter.setBasePath(PREFIX);
  const server = fastify();
  await server.register(serverAdapter.registerPlugin(), { prefix: PREFIX });
  await server.ready();
  return server;
}
