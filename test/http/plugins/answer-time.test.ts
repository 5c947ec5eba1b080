import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { Readable } from 'node:stream';
import fastify from 'fastify';
import { afterEach, expect, it } from 'vitest';
import { boundAnswers } from '../../../src/http/plugins/answer-time.ts';

const MOST_MS = 500;
const PATIENT = { timeout: 20_000 };
let close: () => Promise<void>;
afterEach(() => close());

async function start(): Promise<number> {
  const app = fastify({ forceCloseConnections: true });
  boundAnswers(app as never, MOST_MS);
  const large = Buffer.alloc(64 * 2 ** 20);
  app.get('/large', () => large);
  app.get('/events', (_, reply) => {
    const drops = setInterval(() => stream.push(': \n'), 50);
    const stream = new Readable({ read() {}, destroy: (_error, done) => done(void clearInterval(drops)) });
    return reply.type('text/event-stream').send(stream);
  });
  app.post('/slow', async ({ body }) => `${(body as { text: string }).text.length}`);
  await app.listen({ host: '127.0.0.1', port: 0 });
  close = () => app.close();
  return (app.server.address() as { port: number }).port;
}

/** A reader that takes what it is told to and counts it. */
async function ask(
  port: number,
  head: string,
): Promise<{ socket: Socket; isClosed(): boolean; text(): string }> {
  const socket = connect(port, '127.0.0.1');
  let text = '';
  let isClosed = false;
  socket
    .on('error', () => {})
    .once('close', () => {
      isClosed = true;
    });
  socket.on('data', (chunk) => {
    text = (text + chunk.toString('latin1')).slice(-1000);
  });
  await once(socket, 'connect');
  socket.write(head);
  return { socket, isClosed: () => isClosed, text: () => text };
}

it('a reader that takes an answer drop by drop is left after its time', async () => {
  const { socket, isClosed } = await ask(await start(), 'GET /large HTTP/1.1\r\nhost: localhost\r\n\r\n');
  // Something is taken all the time, so that no limit of silence is met.
  const drip = setInterval(() => {
    socket.resume();
    setTimeout(() => socket.pause(), 1);
  }, 100);
  await expect.poll(isClosed, PATIENT).toBe(true);
  clearInterval(drip);
});

it('streams of events stay, a body that comes slowly does not count, and connections are used again', async () => {
  const port = await start();
  const events = await ask(port, 'GET /events HTTP/1.1\r\nhost: localhost\r\n\r\n');
  const body = '{"text":"abc"}';
  const slow = await ask(
    port,
    `POST /slow HTTP/1.1\r\nhost: localhost\r\ncontent-type: application/json\r\ncontent-length: ${body.length}\r\n\r\n`,
  );
  await new Promise((resolve) => setTimeout(resolve, 3 * MOST_MS));
  expect([events.isClosed(), slow.isClosed()]).toEqual([false, false]);
  slow.socket.write(body);
  await expect.poll(slow.text, PATIENT).toContain('\r\n\r\n3');
  expect(slow.isClosed()).toBe(false);
  events.socket.destroy();
  slow.socket.destroy();
});
