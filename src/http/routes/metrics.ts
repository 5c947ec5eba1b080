import type { Registry } from 'prom-client';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';
import { jobMetrics } from '../metrics/jobs.ts';

const readMetrics = {
  operationId: 'metrics',
  tags: ['operations'],
  summary: 'Read the metrics for Prometheus',
  description:
    'Requests by route, jobs with their waits, runs, retries and stalls, live models, workers with their tensor backend, and the process itself.',
  response: {
    200: {
      description: 'Prometheus text format.',
      content: {
        'text/plain': {
          schema: { type: 'string' },
          examples: { 'one gauge': '# TYPE stillhouse_queue_up gauge\nstillhouse_queue_up 1\n' },
        },
      },
    },
  },
};

export function metricsRoutes(registry: Registry, { store }: Pick<AppDeps, 'store'>) {
  return async (app: App): Promise<void> => {
    app.get('/metrics', {
      config: { scope: 'read', quiet: true },
      schema: readMetrics,
      handler: async (_request, reply) => {
        reply.type(registry.contentType);
        return (await registry.metrics()) + (await jobMetrics(store));
      },
    });
  };
}
