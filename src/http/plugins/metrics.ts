import { Counter, collectDefaultMetrics, Gauge, Histogram, Registry } from 'prom-client';
import { DEFAULT_ALIAS } from '../../domain/jobs/distillation-spec.ts';
import { ALIVE_MS } from '../../domain/jobs/worker.ts';
import type { App } from '../app-type.ts';
import type { AppDeps } from '../deps.ts';

/** From a tenth of a millisecond, where a recommendation lives, to the seconds of an upload. */
const BUCKETS = [0.0002, 0.0005, 0.001, 0.002, 0.005, 0.01, 0.025, 0.1, 0.5, 2.5, 10];

/** Counts what the app does, for routes/metrics.ts. Each app has a registry of its own, so that two in one process don't mix. */
export function installMetrics(
  app: App,
  deps: Pick<AppDeps, 'store' | 'models' | 'queue' | 'traffic'>,
): Registry {
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  countRequests(app, registry);
  describeState(registry, deps);
  countVariants(registry, deps);
  return registry;
}

function countRequests(app: App, registry: Registry): void {
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

function countVariants(registry: Registry, { traffic }: Pick<AppDeps, 'traffic'>): void {
  new Counter({
    name: 'stillhouse_variant_answers_total',
    help: 'Recommendations by variant, of models with traffic; stands_in_for names the one that could not be loaded.',
    labelNames: ['model', 'variant', 'version', 'stands_in_for'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { model, variant, version, standsInFor, count } of traffic?.tally() ?? []) {
        this.inc({ model, variant, version, stands_in_for: standsInFor }, count);
      }
    },
  });
}

/** Asked for at each scrape. */
function describeState(registry: Registry, deps: Pick<AppDeps, 'store' | 'models' | 'queue'>): void {
  const gauge = (name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => unknown) =>
    new Gauge({
      name,
      help,
      labelNames,
      registers: [registry],
      async collect() {
        this.reset();
        await collect(this);
      },
    });
  gauge('stillhouse_queue_up', '1 when the job queue answers.', [], (g) =>
    g.set(deps.queue.healthy() ? 1 : 0),
  );
  gauge('stillhouse_live_model', 'Version of each model that this process serves.', ['model'], (g) => {
    for (const { model, version } of deps.models.loaded()) g.set({ model }, version);
  });
  const standIns = 'Version that should be live, of models for which another one or popularity answers.';
  gauge('stillhouse_model_refused', standIns, ['model'], async (g) => {
    for (const { model, version } of await deps.store.models.aliased(DEFAULT_ALIAS)) {
      if (deps.models.status(model, version).state === 'refused') g.set({ model }, version);
    }
  });
  gauge('stillhouse_webhook_deliveries', 'Deliveries to webhooks, by state.', ['state'], async (g) => {
    const counts = await deps.store.webhooks.counts();
    for (const [state, count] of Object.entries(counts)) g.set({ state }, count);
  });
  const facts = ['worker', 'backend', 'device', 'tensorflow'];
  gauge('stillhouse_worker', '1 for each worker that is alive.', facts, async (g) => {
    for (const { id, trainer } of await deps.store.workers.alive(ALIVE_MS)) {
      const { backend = 'unknown', device, tensorflow } = trainer ?? {};
      g.set({ worker: id, backend, device: device ?? '', tensorflow: tensorflow ?? '' }, 1);
    }
  });
  gauge('stillhouse_worker_jobs', 'Jobs that a worker runs now.', ['worker'], async (g) => {
    for (const { id, jobs } of await deps.store.workers.alive(ALIVE_MS)) g.set({ worker: id }, jobs.length);
  });
  gauge('stillhouse_worker_matmul_seconds', 'One 1024^3 product there, at start.', ['worker'], async (g) => {
    for (const { id, trainer } of await deps.store.workers.alive(ALIVE_MS)) {
      if (trainer) g.set({ worker: id }, trainer.matmulMs / 1000);
    }
  });
}
