import type { FastifyRequest } from 'fastify';
import type { RouteScope } from '../../domain/keys/scope.ts';
import type { Tracer } from '../../tracing/contract.ts';
import { traceContextOf } from '../../tracing/trace-context.ts';
import type { App } from '../app-type.ts';

/** Scopes of the routes that are asked all day. */
const FREQUENT: ReadonlySet<RouteScope | 'public' | undefined> = new Set(['recommend', 'events']);

/** One span per request, which goes on from the caller's, and whose trace the answer names. Without a tracer no hook is there. */
export function installTracing(app: App, tracer: Tracer | undefined): void {
  if (!tracer) return;
  app.addHook('onRequest', (request, reply, done) => {
    const { url: route = 'unknown', config } = request.routeOptions;
    if (!config?.quiet) {
      const { method } = request;
      const span = tracer.start(`${method} ${route}`, {
        kind: 'server',
        parent: traceContextOf(request.headers),
        attributes: {
          'http.request.method': method,
          'http.route': route,
          'stillhouse.request.id': request.id,
        },
        isFrequent: FREQUENT.has(config?.scope),
      });
      request.span = span;
      request.log = request.log.child({ traceId: span.traceId });
      reply.header('x-trace-id', span.traceId);
    }
    done();
  });
  app.addHook('onResponse', (request, reply, done) => {
    const { span } = request;
    if (span?.isRecording) {
      const status = reply.statusCode;
      span.set({
        'http.response.status_code': status,
        'stillhouse.key.id': request.keyId,
        ...timesOf(reply.getHeader('server-timing')),
      });
      span.end(status >= 500 ? `answered with ${status}` : undefined);
    }
    done();
  });
  app.addHook('onRequestAbort', (request, done) => {
    request.span?.event('the client went away');
    done();
  });
}

/** Member `trace` for the record of a job that this request asks for. */
export function traceOf({ span }: FastifyRequest) {
  return span && { trace: span.context };
}

/** The milliseconds of Server-Timing. */
function timesOf(header: unknown): Record<string, number> {
  if (typeof header !== 'string') return {};
  const parts = [...header.matchAll(/(\w+);dur=([\d.]+)/g)];
  return Object.fromEntries(parts.map(([, name, ms]) => [`stillhouse.${name}.ms`, Number(ms)]));
}
