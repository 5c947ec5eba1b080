// Takes jobs from the queue. Trains nothing itself: each training runs in a process of its own.
import { existsSync } from 'node:fs';
import path from 'node:path';
import { createArtifactStore } from '../artifact/store/create-store.ts';
import { type Config, foldersOf, readConfig } from '../core/config.ts';
import { createDisk } from '../core/disk.ts';
import { messageOf } from '../core/errors.ts';
import { createLogger, type Logger } from '../core/logger.ts';
import { makePrivateFiles, tighten } from '../core/private-files.ts';
import { createSecrets, secretKeyOf } from '../core/secrets.ts';
import { createWebhookAddresses } from '../core/webhook-address.ts';
import { popularityOf } from '../domain/data/popularity.ts';
import { createStore } from '../store/create-store.ts';
import { startTracing } from '../tracing/start.ts';
import { runDriftProcess } from '../worker/drift/drift-process.ts';
import { keepDrift } from '../worker/drift/keep-drift.ts';
import { createImportWork, removeUpload } from '../worker/import/import-work.ts';
import { createWorkerMetrics } from '../worker/port/worker-metrics.ts';
import { openWorkerPort } from '../worker/port/worker-port.ts';
import { workerClocks } from '../worker/queue/clocks.ts';
import { keepCollecting } from '../worker/queue/collect-versions.ts';
import { keepJudgingTraffic } from '../worker/queue/judge-traffic.ts';
import { keepPopularity } from '../worker/queue/keep-popularity.ts';
import { createPresence, type Presence } from '../worker/queue/presence.ts';
import { keepRetention } from '../worker/queue/retention.ts';
import { keepSwept, type SweepDeps } from '../worker/queue/sweep.ts';
import { createTrainingWork } from '../worker/queue/training-work.ts';
import { createJobWorker, type JobWorker } from '../worker/queue/worker.ts';
import { createGpuSlots } from '../worker/trainer/gpu-slots.ts';
import { memoryShareMiB } from '../worker/trainer/memory-share.ts';
import { trainerEnvironment } from '../worker/trainer/trainer-environment.ts';
import { probeTrainer } from '../worker/trainer/trainer-health.ts';
import { createDeliverer, type Deliverer } from '../worker/webhooks/deliverer.ts';
import { keepNotices } from '../worker/webhooks/keep-notices.ts';

/** How long a trainer may take to end before it is killed. */
const GRACE_MS = 10_000;
const NVIDIA_DEVICE = '/dev/nvidiactl';

await main().catch((error) => {
  console.error(messageOf(error));
  process.exit(1);
});

// Long because it wires every part of a worker.
async function main(): Promise<void> {
  const config = readConfig();
  makePrivateFiles(config.dataDir);
  const logger = createLogger('worker', config.logLevel);
  if (!config.redisUrl) {
    throw new Error(
      'REDIS_URL is not set: the worker needs the Redis of the api. `npm start` brings its own.',
    );
  }
  const store = await createStore(config.databaseUrl, logger);
  const child = (name: string) => new URL(`./${name}${path.extname(import.meta.url)}`, import.meta.url);
  // biome-ignore lint/style/noProcessEnv: handed on whole, not read.
  const env = trainerEnvironment(process.env, config.workerConcurrency, config.dataDir);
  const gpus = createGpuSlots(env.CUDA_VISIBLE_DEVICES);
  const concurrency = concurrencyOf(config, gpus.count);
  const artifacts = createArtifactStore(config, logger);
  const tracer = await startTracing(config, 'worker', logger);
  const training = createTrainingWork({
    tracer,
    jobs: store.jobs,
    // Who shares a folder of artifacts shares the folder of stages too.
    shared: config.artifactsUrl.startsWith('s3:') ? artifacts : undefined,
    trainer: { file: child('trainer'), env, graceMs: GRACE_MS },
    gpus,
    common: {
      databaseUrl: config.databaseUrl,
      artifactsUrl: config.artifactsUrl,
      tensorBackend: config.tensorBackend,
      tensorMemoryMiB: config.tensorMemoryMib,
      memoryMiB: config.trainerMemoryMib ?? memoryShareMiB(concurrency),
      stages: {
        folder: config.stagesDir,
        checkpointSeconds: config.checkpointSeconds,
        mostCacheMiB: config.teacherCacheMib,
      },
    },
  });
  const secrets = createSecrets(secretKeyOf(config.secretsKey, config.dataDir));
  const disk = createDisk(foldersOf(config), config.minFreeDiskMib * 2 ** 20);
  const imports = createImportWork({ ...config, store, artifacts, disk, secrets });
  const presence = createPresence(store.workers, concurrency, logger);
  const metrics = createWorkerMetrics();
  const worker = createJobWorker({
    redisUrl: config.redisUrl,
    prefix: config.redisPrefix,
    store,
    work: metrics.watch(presence.watch({ distillation: training, import: imports })),
    concurrency,
    limits: { mostRunning: config.maxRunningJobs, meets: presence.meets },
    maxQueuedJobs: config.maxQueuedJobs,
    onAbandoned: (job) => removeUpload(artifacts, job),
    drainMs: config.drainSeconds * 1000,
    clocks: workerClocks(config.lostWorkerSeconds * 1000),
    graceMs: GRACE_MS,
    logger,
    tracer,
  });
  const port =
    config.workerPort === undefined
      ? undefined
      : await openWorkerPort({
          host: config.host,
          port: config.workerPort,
          registry: metrics.registry,
          whyNotReady: async () => {
            await store.ping();
            return worker.whyNotTaking();
          },
        });
  if (port) logger.info({ port: port.port }, 'health and metrics of this worker are served');
  const stopping = new AbortController();
  const keeping = { logger, now: Date.now, signal: stopping.signal };
  let retention: Promise<void> | undefined;
  const definition = popularityOf(config.popularityHalfLifeDays);
  const popularity = keepPopularity({ store, definition, ...keeping });
  const judging = keepJudgingTraffic({
    ...{ store, ...keeping },
    onEnded: () => void worker.signals.publish({ kind: 'models' }),
  });
  const { keepVersions } = config;
  const collecting = keepCollecting({ models: store.models, artifacts, keepVersions, ...keeping });
  const noticed = keepNotices({ ...store, ...keeping });
  const drift = keepDrift({
    ...{ drift: store.drift, models: store.models, jobs: store.jobs, mostQueued: config.maxQueuedJobs },
    ...keeping,
    measure: (model, sample, signal) =>
      runDriftProcess({ file: child('drift'), env }, { ...driftTaskOf(config), model, sample }, signal),
  });
  const deliverer = delivererOf(config, config.redisUrl, {
    webhooks: store.webhooks,
    secrets,
    logger,
    tracer,
  });
  const sweeping = keepSwept({ ...{ store, artifacts }, days: agesOf(config), ...keeping });
  stopOnSignals(stopping, worker, logger, async () => {
    await presence.stop();
    await deliverer.stop();
    const kept = [retention, popularity, collecting, sweeping, judging, noticed, drift];
    await Promise.all([...kept, port?.close()]);
    await Promise.all([store.close(), tracer?.close()]);
  });
  presence.start();
  const probed = probe({ file: child('trainer-health'), env }, presence, logger, stopping.signal);
  // Alive, though it may still wait for Redis: whoever started us need not.
  process.send?.({ kind: 'ready' });
  // On a GPU the probe is the warm-up: a job that came first would wait for it all the same.
  if (existsSync(NVIDIA_DEVICE)) await probed;
  await worker.start();
  deliverer.start();
  logger.info({ concurrency }, 'taking jobs');
  await tighten(config.dataDir, logger);
  // Only now: it tells of what it deletes through Redis.
  const { retainDays } = config;
  if (retainDays === undefined) return;
  retention = keepRetention({
    deletions: store.deletions,
    retainDays,
    ...keeping,
    onDeleted: () => void worker.signals.publish({ kind: 'histories', users: null }),
  });
}

/** Days after which what is kept of jobs goes. */
function agesOf({ retainRejectsDays, retainLogsDays, retainJobsDays }: Config): SweepDeps['days'] {
  return { rejects: retainRejectsDays, logs: retainLogsDays, jobs: retainJobsDays };
}

/** Sends notices to webhooks. */
function delivererOf(
  config: Config,
  redisUrl: string,
  deps: Pick<Parameters<typeof createDeliverer>[0], 'webhooks' | 'secrets' | 'logger' | 'tracer'>,
): Deliverer {
  const { redisPrefix: prefix, webhookUrls: urls, webhookPrivateAddresses } = config;
  const addresses = createWebhookAddresses({ urls, privateAddresses: webhookPrivateAddresses });
  return createDeliverer({ redisUrl, prefix, addresses, ...deps });
}

function driftTaskOf({ databaseUrl, artifactsUrl, tensorBackend, tensorMemoryMib: tensorMemoryMiB }: Config) {
  return { databaseUrl, artifactsUrl, tensorBackend, tensorMemoryMiB };
}

/** Trainers beyond that would share a GPU's memory, of which each takes what it finds. */
function concurrencyOf({ workerConcurrency, jobsPerGpu }: Config, gpus: number): number {
  return gpus > 0 ? Math.min(workerConcurrency, gpus * jobsPerGpu) : workerConcurrency;
}

/** Looks once at what a trainer finds here; the answer is for people, jobs find out for themselves. */
async function probe(
  trainer: Parameters<typeof probeTrainer>[0],
  presence: Presence,
  logger: Logger,
  signal: AbortSignal,
): Promise<void> {
  try {
    const health = await probeTrainer(trainer, signal);
    logger.info({ trainer: health }, 'trainers can run here');
    presence.describe({ trainer: health });
  } catch (error) {
    if (signal.aborted) return;
    logger.error({ reason: messageOf(error) }, 'no trainer can run here');
    presence.describe({ problem: messageOf(error) });
  }
}

/** The first signal puts running jobs back, the second does not wait for that. */
function stopOnSignals(
  stopping: AbortController,
  worker: JobWorker,
  logger: Logger,
  release: () => Promise<void>,
): void {
  const onSignal = (signal: NodeJS.Signals) => {
    if (stopping.signal.aborted) process.exit(1);
    stopping.abort();
    logger.info({ signal }, 'stopping');
    worker
      .stop()
      .then(release)
      .then(
        () => process.exit(0),
        (error) => {
          logger.error({ err: error }, 'the worker did not stop in order');
          process.exit(1);
        },
      );
  };
  process.on('SIGTERM', onSignal);
  process.on('SIGINT', onSignal);
}
