import { setTimeout as sleep } from 'node:timers/promises';
import type { Logger } from '../../core/logger.ts';
import type { Job } from '../../domain/jobs/job.ts';
import { JOB_LANES, type JobLane, laneOf } from '../../domain/jobs/lane.ts';
import { connectFast, connectPatient, DEFAULT_PREFIX } from '../../jobs/connection.ts';
import { createJobQueues } from '../../jobs/queue.ts';
import { keyPrefix } from '../../jobs/redis-address.ts';
import { createRunLocks } from '../../jobs/run-lock.ts';
import { createSignals, type Signals } from '../../jobs/signals.ts';
import { entryOptions, type Turn } from '../../jobs/turn.ts';
import type { Store } from '../../store/store.ts';
import type { Tracer } from '../../tracing/contract.ts';
import type { ClaimDeps } from './claim.ts';
import { type WorkerClocks, workerClocks } from './clocks.ts';
import { createLaneConsumer } from './lane-consumer.ts';
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
  /** Jobs at a time of each lane that it takes; a lane that is not named is left alone. */
  lanes: Partial<Record<JobLane, number>>;
  /** True while places for trainings are taken by parts of other workers' jobs. */
  isFull?: () => boolean;
  /** False: others look after the schedules. */
  keepsSchedules?: boolean;
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
  const { redisUrl, store, logger, graceMs, clocks = workerClocks() } = options;
  const prefix = keyPrefix(redisUrl, options.prefix ?? DEFAULT_PREFIX);
  const fast = connectFast(redisUrl, logger.child({ connection: 'commands' }));
  const patient = connectPatient(redisUrl, logger.child({ connection: 'queue' }));
  const signals = createSignals({ redisUrl, prefix, publisher: fast, logger });
  const locks = createRunLocks(fast, prefix, clocks.lockMs);
  const queues = createJobQueues(fast, prefix, logger);
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
    queues,
    locks,
    signals,
    logger,
    ...(options.onAbandoned && { onAbandoned: options.onAbandoned }),
  });
  const lookAtSchedules = createScheduler({
    schedules: store.schedules,
    queues,
    now: Date.now,
    mostQueued: options.maxQueuedJobs,
    logger,
  });
  const consumers = JOB_LANES.flatMap((lane) => {
    const concurrency = options.lanes[lane];
    const parts = { runner, queues, jobs: store.jobs, connection: patient, prefix, clocks, logger };
    const isFull = lane === 'training' ? options.isFull : undefined;
    return concurrency === undefined ? [] : [createLaneConsumer(lane, concurrency, { ...parts, isFull })];
  });

  /** A job that found its model or all workers busy sits out a pause: there is no need to wait for its end. */
  async function wake(job: Job): Promise<void> {
    if (entryOptions(job.id, job.spec as Turn, Date.now()).delay !== undefined) return;
    const entry = await queues.of(laneOf(job.type)).getJob(job.id);
    if (entry && (await entry.isDelayed())) await entry.promote();
  }

  const timers: NodeJS.Timeout[] = [];
  let stopping = false;

  async function stop(): Promise<void> {
    stopping = true;
    for (const timer of timers) clearInterval(timer);
    runner.takeNoMore();
    const closed = Promise.all(consumers.map((one) => one.close()));
    const { drainMs = 0 } = options;
    if (drainMs > 0) await Promise.race([closed, sleep(drainMs, undefined, { ref: false })]);
    runner.shutDown();
    // With Redis away closing would wait for it. The jobs are safe in SQL whatever happens here.
    await Promise.race([closed, sleep(graceMs + 2000, undefined, { ref: false })]);
    for (const one of consumers) void one.disconnect().catch(() => {});
    signals.close();
    await queues.close().catch(() => {});
    for (const connection of [fast, patient]) connection.disconnect();
  }

  return {
    async start() {
      // Not events.once, which would reject at the first failed attempt to connect.
      if (fast.status !== 'ready') await new Promise<void>((resolve) => fast.once('ready', resolve));
      if (stopping) return;
      void reconcile();
      timers.push(setInterval(() => void reconcile(), clocks.reconcileEveryMs));
      if (options.keepsSchedules !== false)
        timers.push(setInterval(() => void lookAtSchedules(), options.schedulesEveryMs ?? SCHEDULES_MS));
      for (const one of consumers)
        one.run().catch((error) => logger.error({ err: error }, 'the queue consumer has stopped'));
    },
    stop,
    signals,
    whyNotTaking() {
      if (stopping) return 'The worker is stopping.';
      if (fast.status !== 'ready') return 'Redis cannot be reached.';
      return consumers.every((one) => one.isRunning()) ? null : 'The worker has not begun to take jobs.';
    },
  };
}
