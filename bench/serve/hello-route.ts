// Loaded into the api before anything else (node --import): the routes that the benchmark compares with, and a
// profiler. They are in no other process.
import { subscribe } from 'node:diagnostics_channel';
import { Session } from 'node:inspector/promises';
import { type FastifyInstance, fastify } from 'fastify';

const ANSWER = { hello: 'world' };
const bare = fastify();
bare.get('/hello', (_request, reply) => reply.send(ANSWER));

subscribe('fastify.initialization', (message) => {
  const { fastify: app } = message as { fastify: FastifyInstance };
  // With all that the service does for every request: its line in the log, its metrics, its checks.
  app.get('/hello', { config: { scope: 'read' } as object }, (_request, reply) => reply.send(ANSWER));
});

bare.listen({ host: '127.0.0.1', port: Number(process.env.BARE_PORT) });

let session: Session | null = null;
process.on('message', async (order: { profile?: 'start' | 'stop' }) => {
  if (order.profile === 'start') {
    session = new Session();
    session.connect();
    await session.post('Profiler.enable');
    await session.post('Profiler.start');
    process.send?.({ profiling: true });
  }
  if (order.profile === 'stop' && session) {
    const { profile } = await session.post('Profiler.stop');
    session.disconnect();
    process.send?.({ profile });
  }
});
process.channel?.unref();
