import { Histogram, type Registry } from 'prom-client';
import type { App } from '../app-type.ts';

/** From a tenth of a millisecond, where a recommendation lives, to the seconds of an upload. */
const BUCKETS = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10];

/** Times every request by its route. */
export function timeRequests(app: App, registry: Registry): void {
  const seconds = new Histogram({
    name: 'stillhouse_http_request_seconds',
    help: 'Time to answer, by route pattern.',
    labelNames: ['method', 'route', 'status'],
    buckets: BUCKETS,
    registers: [registry],
  });
  app.addHook('onResponse', async (request, reply) => {
    const { method, routeOptions } = request;
    // The pattern, never the URL: ids would make a series each, and would be there for everybody to read.
    const labels = { method, route: routeOptions.url ?? 'unknown', status: String(reply.statusCode) };
    seconds.observe(labels, reply.elapsedTime / 1000);
  });
}
