import { Counter, Gauge, type Registry } from 'prom-client';
import { CODE_VERSION } from '../../core/version.ts';
import { DRIFT_MEASURES } from '../../domain/drift/drift-settings.ts';
import { DEFAULT_ALIAS } from '../../domain/jobs/distillation-spec.ts';
import { ALIVE_MS } from '../../domain/jobs/worker.ts';
import type { AppDeps } from '../deps.ts';

type Deps = Pick<AppDeps, 'store' | 'models' | 'queue' | 'caches' | 'traffic'>;

/** Describes the state of the installation, which is asked for at each scrape. */
export function describeState(registry: Registry, { store, models, queue, caches, traffic }: Deps): void {
  const gauge = gaugesOf(registry);
  gauge('stillhouse_build_info', '1, with the versions of the code and of Node.', ['version', 'node'], (g) =>
    g.set({ version: CODE_VERSION, node: process.versions.node }, 1),
  );
  gauge('stillhouse_queue_up', '1 when the job queue answers.', [], (g) => g.set(queue.healthy() ? 1 : 0));
  gauge('stillhouse_store_up', '1 when the database can be read.', [], async (g) => {
    const isUp = await store.ping().then(
      () => true,
      () => false,
    );
    g.set(isUp ? 1 : 0);
  });
  const connections =
    'Connections to PostgreSQL: open, idle, and requests that wait for one; none of SQLite.';
  gauge('stillhouse_store_connections', connections, ['state'], (g) => {
    for (const [state, count] of Object.entries(store.connections?.() ?? {})) g.set({ state }, count);
  });
  gauge('stillhouse_webhook_deliveries', 'Deliveries to webhooks, by state.', ['state'], async (g) => {
    const counts = await store.webhooks.counts();
    for (const [state, count] of Object.entries(counts)) g.set({ state }, count);
  });
  countLookups(registry, caches);
  describeModels(registry, { store, models });
  countVariants(registry, traffic);
  describeDrift(registry, store);
  describeWorkers(registry, store);
}

function describeModels(registry: Registry, { store, models }: Pick<Deps, 'store' | 'models'>): void {
  const gauge = gaugesOf(registry);
  gauge('stillhouse_live_model', 'Version of each model that this process serves.', ['model'], (g) => {
    for (const { model, version } of models.loaded()) g.set({ model }, version);
  });
  const standIns = 'Version that should be live, of models for which another one or popularity answers.';
  gauge('stillhouse_model_refused', standIns, ['model'], async (g) => {
    for (const { model, version } of await store.models.aliased(DEFAULT_ALIAS)) {
      if (models.status(model, version).state === 'refused') g.set({ model }, version);
    }
  });
  const quality =
    'Metrics of the report of the version that should be live: of its student, teacher and controls.';
  gauge('stillhouse_live_quality', quality, ['model', 'version', 'of', 'metric'], async (g) => {
    for (const { model, version, summary } of await store.models.aliased(DEFAULT_ALIAS)) {
      for (const [of, metrics] of Object.entries(summary.metrics)) {
        for (const [metric, value] of Object.entries(metrics)) {
          g.set({ model, version: String(version), of, metric }, value);
        }
      }
    }
  });
}

function describeDrift(registry: Registry, { drift }: Pick<AppDeps['store'], 'drift'>): void {
  const gauge = gaugesOf(registry);
  const figures = 'Figures of the newest check of each model that is watched.';
  gauge('stillhouse_drift', figures, ['model', 'measure'], async (g) => {
    for (const { model, check } of await drift.latest()) {
      for (const measure of DRIFT_MEASURES) {
        const figure = check.figures[measure];
        const value = typeof figure === 'number' ? figure : figure?.value;
        if (value !== undefined) g.set({ model, measure }, value);
      }
    }
  });
  gauge('stillhouse_drifted', '1 for a model beyond a limit of its drift settings.', ['model'], async (g) => {
    for (const { model, check } of await drift.latest()) {
      if (check.state !== 'not-measured') g.set({ model }, Number(check.state === 'drifted'));
    }
  });
}

function describeWorkers(registry: Registry, { workers }: Pick<AppDeps['store'], 'workers'>): void {
  const gauge = gaugesOf(registry);
  const facts = ['worker', 'backend', 'device', 'tensorflow'];
  gauge('stillhouse_worker', '1 for each worker that is alive.', facts, async (g) => {
    for (const { id, trainer } of await workers.alive(ALIVE_MS)) {
      const { backend = 'unknown', device, tensorflow } = trainer ?? {};
      g.set({ worker: id, backend, device: device ?? '', tensorflow: tensorflow ?? '' }, 1);
    }
  });
  gauge('stillhouse_worker_jobs', 'Jobs that a worker runs now.', ['worker'], async (g) => {
    for (const { id, jobs } of await workers.alive(ALIVE_MS)) g.set({ worker: id }, jobs.length);
  });
  gauge('stillhouse_worker_matmul_seconds', 'One 1024^3 product there, at start.', ['worker'], async (g) => {
    for (const { id, trainer } of await workers.alive(ALIVE_MS)) {
      if (trainer) g.set({ worker: id }, trainer.matmulMs / 1000);
    }
  });
}

function countVariants(registry: Registry, traffic: Deps['traffic']): void {
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

/** Hits and misses of the caches of users; those of a version begin at 0 when it is loaded. */
function countLookups(registry: Registry, caches: Deps['caches'] = () => []): void {
  new Counter({
    name: 'stillhouse_cache_lookups_total',
    help: 'Users looked up in the caches of histories and of folded vectors.',
    labelNames: ['cache', 'model', 'version', 'outcome'],
    registers: [registry],
    collect() {
      this.reset();
      for (const { hits, misses, ...labels } of caches()) {
        this.inc({ ...labels, outcome: 'hit' }, hits);
        this.inc({ ...labels, outcome: 'miss' }, misses);
      }
    },
  });
}

const gaugesOf =
  (registry: Registry) =>
  (name: string, help: string, labelNames: string[], collect: (gauge: Gauge) => unknown) =>
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
