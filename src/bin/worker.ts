// Takes jobs from the queue. Trains nothing itself: each training runs in a process of its own.
import { existsSync } from 'node:fs';
import { createArtifactStore } from '../artifact/store/create-store.ts';
import { builtProgram } from '../core/built-file.ts';
import { type Config, foldersOf, readConfig } from '../core/config.ts';
import { createDisk } from '../core/disk.ts';
import { messageOf } from '../core/errors.ts';
import { createLogger, type Logger } from '../core/logger.ts';
import { makePrivateFiles, tighten } from '../core/private-files.ts';
import { createSecrets, secretKeyOf } from '../core/secrets.ts';
import { type JobLane, type Lane, lanesOf } from '../domain/jobs/lane.ts';
import { openPatiently } from '../store/open-patiently.ts';
import { startTracing } from '../tracing/start.ts';
import { createImportWork, removeUpload } from '../worker/import/import-work.ts';
import { createPartSharing, otherTrainers } from '../worker/parts/share-parts.ts';
import { createTrainingSlots, withSlot } from '../worker/parts/training-slots.ts';
import { createWorkerMetrics } from '../worker/port/worker-metrics.ts';
import { workerClocks } from '../worker/queue/clocks.ts';
import { createPresence, type Presence } from '../worker/queue/presence.ts';
import { createTrainingWork, type TrainingDeps } from '../worker/queue/training-work.ts';
import { createJobWorker, type JobWorker } from '../worker/queue/worker.ts';
import { createGpuSlots } from '../worker/trainer/gpu-slots.ts';
import { memoryShareMiB } from '../worker/trainer/memory-share.ts';
import { trainerEnvironment } from '../worker/trainer/trainer-environment.ts';
import { probeTrainer } from '../worker/trainer/trainer-health.ts';
import { openHealthPort } from './health-port.ts';
import { startUpkeep } from './upkeep.ts';

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
  const store = await openPatiently(config.databaseUrl, logger);
  // biome-ignore lint/style/noProcessEnv: handed on whole, not read.
  const env = trainerEnvironment(process.env, config.workerConcurrency, config.dataDir);
  const gpus = createGpuSlots(env.CUDA_VISIBLE_DEVICES);
  const lanes = lanesOf(config.workerQueues);
  const trainings = trainingsAtATime(config, gpus.count);
  const atATime = jobsAtATime(lanes, { imports: config.importConcurrency, training: trainings });
  const artifacts = createArtifactStore(config, logger);
  const secrets = createSecrets(secretKeyOf(config.secretsKey, config.dataDir));
  const disk = createDisk(foldersOf(config), config.minFreeDiskMib * 2 ** 20);
  const limits = {
    leastBytesPerSecond: config.minImportBytesPerSecond,
    mostSeconds: config.maxImportSeconds,
  };
  const imports = createImportWork({ ...config, store, artifacts, disk, secrets, limits });
  const presence = createPresence(
    store.workers,
    lanes.map((lane) => ({ lane, ...(lane !== 'maintenance' && { concurrency: atATime[lane] }) })),
    logger,
  );
  const tracer = await startTracing(config, 'worker', logger);
  const training: TrainingDeps = {
    tracer,
    jobs: store.jobs,
    // Who shares a folder of artifacts shares the folder of stages too.
    shared: config.artifactsUrl.startsWith('s3:') ? artifacts : undefined,
    trainer: { file: builtProgram('trainer'), env, graceMs: GRACE_MS },
    gpus,
    common: {
      databaseUrl: config.databaseUrl,
      artifactsUrl: config.artifactsUrl,
      tensorBackend: config.tensorBackend,
      tensorMemoryMiB: config.tensorMemoryMib,
      memoryMiB: config.trainerMemoryMib ?? memoryShareMiB(trainings),
      stages: {
        folder: config.stagesDir,
        checkpointSeconds: config.checkpointSeconds,
        mostCacheMiB: config.teacherCacheMib,
      },
    },
  };
  const clocks = workerClocks(config.lostWorkerSeconds * 1000);
  const slots = createTrainingSlots(trainings);
  const sharing = lanes.includes('training')
    ? createPartSharing({
        ...{ redisUrl: config.redisUrl, prefix: config.redisPrefix, jobs: store.jobs },
        ...{ slots, clocks, training, logger, fromSeconds: config.partsFromSeconds },
        others: () => otherTrainers(store.workers, presence.id),
      })
    : undefined;
  const distil = withSlot(slots, createTrainingWork({ ...training, parts: sharing?.offers }));
  const metrics = createWorkerMetrics();
  const worker = createJobWorker({
    redisUrl: config.redisUrl,
    prefix: config.redisPrefix,
    store,
    work: metrics.watch(presence.watch({ distillation: distil, import: imports })),
    lanes: atATime,
    isFull: slots.isFull,
    keepsSchedules: lanes.includes('maintenance'),
    limits: { mostRunning: config.maxRunningJobs, meets: presence.meets },
    maxQueuedJobs: config.maxQueuedJobs,
    onAbandoned: (job) => removeUpload(artifacts, job),
    drainMs: config.drainSeconds * 1000,
    clocks,
    graceMs: GRACE_MS,
    logger,
    tracer,
  });
  const port = await openHealthPort(config, {
    ...{ store, role: 'worker', logger, registry: metrics.registry },
    whyNotReady: () => worker.whyNotTaking(),
  });
  const stopping = new AbortController();
  const upkeep = lanes.includes('maintenance')
    ? startUpkeep(
        {
          config,
          redisUrl: config.redisUrl,
          store,
          artifacts,
          secrets,
          signals: worker.signals,
          logger,
          tracer,
        },
        { file: builtProgram('drift'), env },
      )
    : undefined;
  stopOnSignals(stopping, worker, logger, async () => {
    await presence.stop();
    await Promise.all([upkeep?.stop(), sharing?.stop(), port?.close()]);
    await Promise.all([store.close(), tracer?.close()]);
  });
  presence.start();
  const probed = lanes.includes('training')
    ? probe({ file: builtProgram('trainer-health'), env }, presence, logger, stopping.signal)
    : undefined;
  // Alive, though it may still wait for Redis: whoever started us need not.
  process.send?.({ kind: 'ready' });
  // On a GPU the probe is the warm-up: a job that came first would wait for it all the same.
  if (existsSync(NVIDIA_DEVICE)) await probed;
  await worker.start();
  upkeep?.start();
  sharing?.start();
  logger.info({ lanes: presence.lanes }, 'taking jobs');
  await tighten(config.dataDir, logger);
}

/** Jobs at a time of each lane. */
function jobsAtATime(
  lanes: readonly Lane[],
  { imports, training }: Record<JobLane, number>,
): Partial<Record<JobLane, number>> {
  return {
    ...(lanes.includes('imports') && { imports }),
    ...(lanes.includes('training') && { training }),
  };
}

/** Trainers beyond that would share a GPU's memory, of which each takes what it finds. */
function trainingsAtATime({ workerConcurrency, jobsPerGpu }: Config, gpus: number): number {
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
