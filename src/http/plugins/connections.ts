import type { Socket } from 'node:net';
import type { FastifyRequest } from 'fastify';
import type { App } from '../app-type.ts';
import { sendConnectionProblem } from '../connection-problem.ts';
import type { Limits } from '../limits.ts';
import { boundAnswers } from './answer-time.ts';

const CHECK_MS = 1_000;
/** Its sender may pause: it is stored and answered while it comes. */
const STREAM = 'application/x-ndjson';

/** Bounds connections by number and by address, and the time that a request's headers, its body and its answer may take. */
export function installConnections(app: App, limits: Limits): void {
  const { server } = app;
  if (limits.connections > 0) server.maxConnections = limits.connections;
  server.headersTimeout = limits.headersMs;
  if (limits.connectionsPerAddress > 0) boundAddresses(app, limits);
  boundAnswers(app, limits.answerMs);
  app.addHook('onRequest', (request, _reply, done) => {
    if (hasBody(request)) watchBody(request, limits);
    done();
  });
}

function boundAddresses({ server }: App, { connectionsPerAddress: most, trustProxy }: Limits): void {
  const open = new Map<string, number>();
  server.on('connection', (socket: Socket) => {
    // Everybody comes through the proxy; who may have how many it has to say.
    if (trustProxy.length > 0) return;
    const address = socket.remoteAddress ?? '';
    const count = (open.get(address) ?? 0) + 1;
    if (count > most) {
      socket.destroy();
      return;
    }
    open.set(address, count);
    socket.once('close', () => {
      const left = open.get(address)! - 1;
      if (left === 0) open.delete(address);
      else open.set(address, left);
    });
  });
}

function hasBody({ raw: { headers } }: FastifyRequest): boolean {
  return headers['transfer-encoding'] !== undefined || (headers['content-length'] ?? '0') !== '0';
}

/** Ends the connection of a body that comes slower than it may, or for longer. */
function watchBody({ raw }: FastifyRequest, { bodyBytesPerSecond, bodyGraceMs, bodyMs }: Limits): void {
  if (raw.headers['content-type']?.startsWith(STREAM) && raw.url?.startsWith('/interactions')) return;
  const { socket } = raw;
  const [began, before] = [performance.now(), socket.bytesRead];
  // Time in which nothing is read here, such as while a disk is slow, is not the sender's.
  let held = 0;
  const timer = setInterval(
    () => {
      if (raw.complete || raw.destroyed) return clearInterval(timer);
      if (raw.readableLength > 0) held += CHECK_MS;
      const took = performance.now() - began;
      const least = ((took - held - bodyGraceMs) / 1000) * bodyBytesPerSecond;
      const isSlow = bodyBytesPerSecond > 0 && socket.bytesRead - before < least;
      if (!isSlow && !(bodyMs > 0 && took > bodyMs)) return;
      clearInterval(timer);
      sendConnectionProblem(Object.assign(new Error('slow body'), { code: 'BODY_TOO_SLOW' }), socket);
      socket.destroySoon();
    },
    Math.min(CHECK_MS, Math.max(10, bodyGraceMs)),
  );
  timer.unref();
  raw.once('close', () => clearInterval(timer));
}
