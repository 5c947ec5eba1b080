import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'bullmq';
import type { Logger } from '../../core/logger.ts';
import type { Job } from '../../domain/jobs/job.ts';
import { connectFast, connectPatient, DEFAULT_PREFIX } from '../../jobs/connection.ts';
import { QUEUE_NAME, type QueuePayload } from '../../jobs/contract.ts';
import { createJobQueue } from '../../jobs/queue.ts';
import { createRunLocks } from '../../jobs/run-lock.ts';
import { createSignals, type Signals } from '../../jobs/signals.ts';
import { entryOptions, type Turn } from '../../jobs/turn.ts';
import type { Store } from '../../store/store.ts';
import type { Tracer } from '../../tracing/contract.ts';
import type { ClaimDeps } from './claim.ts';
import { type WorkerClocks, workerClocks } from './clocks.ts';
import { createProcessor } from './processor.ts';
import { createReconciler } from './reconcile.ts';
import { createJobRunner, type Work } from './runner.ts';
import { createScheduler } from './scheduler.ts';

export interface JobWorker {
  /** Resolves when it takes jobs, which needs Redis. */
  start(): Promise<void>;
  /** Takes no more jobs, ends the running ones within the grace period and puts them back. */
  stop(): Promise<void>;
  /** Why it takes no jobs now; null where it does. */
  whyNotTaking(): string | null;
  /** For what else this process has to tell the others. */
  signals: Pick<Signals, 'publish'>;
}

export interface WorkerOptions {
  redisUrl: string;
  prefix?: string | undefined;
  store: Store;
  work: Record<Job['type'], Work>;
  concurrency: number;
  /** How long a trainer may take to end. */
  graceMs: number;
  logger: Logger;
  tracer?: Tracer | undefined;
  limits?: Pick<ClaimDeps, 'mostRunning' | 'meets'>;
  /** Removes what a job left that was cancelled while nobody ran it. */
  onAbandoned?(job: Job): Promise<void>;
  /** How long running jobs may go on after a stop before they are put back. */
  drainMs?: number;
  clocks?: WorkerClocks;
  schedulesEveryMs?: number;
  /** A schedule starts no job while as many are waiting. */
  maxQueuedJobs?: number;
}

const SCHEDULES_MS = 2000;

// Long because it wires every part of a worker and takes them down again.
export function createJobWorker(options: WorkerOptions): JobWorker {
  const { redisUrl, prefix = DEFAULT_PREFIX, store, logger, graceMs, clocks = workerClocks() } = options;
  const fast = connectFast(redisUrl, logger.child({ connection: 'commands' }));
  const patient = connectPatient(redisUrl, logger.child({ connection: 'queue' }));
  const signals = createSignals({ redisUrl, prefix, publisher: fast, logger });
  const locks = createRunLocks(fast, prefix, clocks.lockMs);
  const queue = createJobQueue(fast, prefix, logger);
  const runner = createJobRunner({
    store,
    locks,
    signals,
    logger,
    tracer: options.tracer,
    work: options.work,
    clocks,
    limits: { ...options.limits, onAbandoned: options.onAbandoned },
    onMoved: async (job) => {
      for (const next of await store.jobs.waitingFor(job)) await wake(next);
    },
  });
  const reconcile = createReconciler({
    jobs: store.jobs,
    queue,
    locks,
    signals,
    logger,
    ...(options.onAbandoned && { onAbandoned: options.onAbandoned }),
  });
  const lookAtSchedules = createScheduler({
    schedules: store.schedules,
    queue,
    now: Date.now,
    mostQueued: options.maxQueuedJobs,
    logger,
  });
  const consumer = new Worker<QueuePayload, void>(QUEUE_NAME, createProcessor(runner, clocks), {
    connection: patient,
    prefix,
    concurrency: options.concurrency,
    autorun: false,
    lockDuration: clocks.lockMs,
    stalledInterval: clocks.stalledCheckMs,
    // SQL counts the attempts; BullMQ alone would give a job up without telling anybody.
    maxStalledCount: Number.MAX_SAFE_INTEGER,
    runRetryDelay: 1000,
    skipVersionCheck: true,
  });
  consumer.on('error', (error) => logger.debug({ reason: error.message }, 'queue consumer'));
  consumer.on('stalled', (jobId) =>
    logger.warn({ jobId }, 'the job had lost its worker and is delivered again'),
  );

  /** A job that found its model or all workers busy sits out a pause: there is no need to wait for its end. */
  async function wake(job: Job): Promise<void> {
    if (entryOptions(job.id, job.spec as Turn, Date.now()).delay !== undefined) return;
    const entry = await queue.getJob(job.id);
    if (entry && (await entry.isDelayed())) await entry.promote();
  }

  const timers: NodeJS.Timeout[] = [];
  let stopping = false;

  async function stop(): Promise<void> {
    stopping = true;
    for (const timer of timers) clearInterval(timer);
    runner.takeNoMore();
    const closed = consumer.close();
    const { drainMs = 0 } = options;
    if (drainMs > 0) await Promise.race([closed, sleep(drainMs, undefined, { ref: false })]);
    runner.shutDown();
    // With Redis away closing would wait for it. The jobs are safe in SQL whatever happens here.
    await Promise.race([closed, sleep(graceMs + 2000, undefined, { ref: false })]);
    void consumer.disconnect().catch(() => {});
    signals.close();
    await queue.close().catch(() => {});
    for (const connection of [fast, patient]) connection.disconnect();
  }

  return {
    async start() {
      // Not events.once, which would reject at the first failed attempt to connect.
      if (fast.status !== 'ready') await new Promise<void>((resolve) => fast.once('ready', resolve));
      if (stopping) return;
      void reconcile();
      timers.push(
        setInterval(() => void reconcile(), clocks.reconcileEveryMs),
        setInterval(() => void lookAtSchedules(), options.schedulesEveryMs ?? SCHEDULES_MS),
      );
      consumer.run().catch((error) => logger.error({ err: error }, 'the queue consumer has stopped'));
    },
    stop,
    signals,
    whyNotTaking() {
      if (stopping) return 'The worker is stopping.';
      if (fast.status !== 'ready') return 'Redis cannot be reached.';
      return consumer.isRunning() ? null : 'The worker has not begun to take jobs.';
    },
  };
}
