import { randomUUID } from 'node:crypto';
import type { RawRequestDefaultExpression } from 'fastify';
import type { AddressOf } from '../access/callers.ts';
import type { App } from '../app-type.ts';

const USABLE_ID = /^[\w.-]{1,64}$/;

/** A caller's own x-request-id is kept when it is harmless in a log line. */
export function requestIdOf(request: RawRequestDefaultExpression): string {
  const given = request.headers['x-request-id'];
  return typeof given === 'string' && USABLE_ID.test(given) ? given : randomUUID();
}

/** One line per request, with the route's pattern and never the URL: ids of people stay out of the log. */
export function installRequests(app: App, addressOf: AddressOf): void {
  app.addHook('onRequest', async (request, reply) => {
    reply.header('x-request-id', request.id);
  });
  app.addHook('onRequestAbort', async (request) => {
    const route = request.routeOptions.url ?? 'unknown';
    app.log.info({ method: request.method, route, requestId: request.id }, 'the client went away');
  });
  app.addHook('onResponse', async (request, reply) => {
    const { url: route = 'unknown', config } = request.routeOptions;
    const line = {
      method: request.method,
      route,
      status: reply.statusCode,
      ms: Math.round(reply.elapsedTime * 100) / 100,
      requestId: request.id,
      traceId: request.span?.traceId,
      keyId: request.keyId,
      address: addressOf(request) ?? undefined,
    };
    if (config?.quiet && reply.statusCode < 500) app.log.debug(line, 'request');
    else app.log.info(line, 'request');
  });
}
