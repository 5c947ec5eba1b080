// The lane `maintenance` of a worker: what goes by the clock.
import type { ArtifactStore } from '../artifact/store/store.ts';
import type { Config } from '../core/config.ts';
import type { Logger } from '../core/logger.ts';
import type { Secrets } from '../core/secrets.ts';
import { createWebhookAddresses } from '../core/webhook-address.ts';
import { popularityOf } from '../domain/data/popularity.ts';
import type { Signals } from '../jobs/signals.ts';
import type { Store } from '../store/store.ts';
import type { Tracer } from '../tracing/contract.ts';
import { runDriftProcess } from '../worker/drift/drift-process.ts';
import { keepDrift } from '../worker/drift/keep-drift.ts';
import { keepCollecting } from '../worker/queue/collect-versions.ts';
import { keepJudgingTraffic } from '../worker/queue/judge-traffic.ts';
import { keepPopularity } from '../worker/queue/keep-popularity.ts';
import { keepRetention } from '../worker/queue/retention.ts';
import { keepSwept } from '../worker/queue/sweep.ts';
import { createDeliverer } from '../worker/webhooks/deliverer.ts';
import { keepNotices } from '../worker/webhooks/keep-notices.ts';

interface UpkeepDeps {
  config: Config;
  redisUrl: string;
  store: Store;
  artifacts: ArtifactStore;
  secrets: Secrets;
  signals: Pick<Signals, 'publish'>;
  logger: Logger;
  tracer?: Tracer | undefined;
}

export interface Upkeep {
  /** Begins with what tells others through Redis. */
  start(): void;
  stop(): Promise<void>;
}

/** Begins with all that needs the database alone. @param drift entry point and environment of the process that measures drift */
export function startUpkeep(deps: UpkeepDeps, drift: Parameters<typeof runDriftProcess>[0]): Upkeep {
  const { config, redisUrl, store, artifacts, secrets, signals, logger, tracer } = deps;
  const stopping = new AbortController();
  const keeping = { logger, now: Date.now, signal: stopping.signal };
  const { keepVersions, retainDays } = config;
  const kept = [
    keepPopularity({ store, definition: popularityOf(config.popularityHalfLifeDays), ...keeping }),
    keepJudgingTraffic({ store, ...keeping, onEnded: () => void signals.publish({ kind: 'models' }) }),
    keepCollecting({ models: store.models, artifacts, keepVersions, ...keeping }),
    keepNotices({ ...store, ...keeping }),
    keepDrift({
      ...{ drift: store.drift, models: store.models, jobs: store.jobs, mostQueued: config.maxQueuedJobs },
      ...keeping,
      measure: (model, sample, signal) =>
        runDriftProcess(drift, { ...driftTaskOf(config), model, sample }, signal),
    }),
    keepSwept({ store, artifacts, days: agesOf(config), ...keeping }),
  ];
  const { redisPrefix: prefix, webhookUrls: urls, webhookPrivateAddresses: privateAddresses } = config;
  const addresses = createWebhookAddresses({ urls, privateAddresses });
  const deliverer = createDeliverer({
    redisUrl,
    prefix,
    webhooks: store.webhooks,
    addresses,
    secrets,
    logger,
    tracer,
  });
  return {
    start() {
      deliverer.start();
      if (retainDays === undefined) return;
      const onDeleted = () => void signals.publish({ kind: 'histories', users: null });
      kept.push(keepRetention({ deletions: store.deletions, retainDays, ...keeping, onDeleted }));
    },
    async stop() {
      stopping.abort();
      await Promise.all([deliverer.stop(), ...kept]);
    },
  };
}

/** Days after which what is kept of jobs goes. */
function agesOf({ retainRejectsDays, retainLogsDays, retainJobsDays }: Config) {
  return { rejects: retainRejectsDays, logs: retainLogsDays, jobs: retainJobsDays };
}

function driftTaskOf({ databaseUrl, artifactsUrl, tensorBackend, tensorMemoryMib: tensorMemoryMiB }: Config) {
  return { databaseUrl, artifactsUrl, tensorBackend, tensorMemoryMiB };
}
