import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { DelayedError, Worker } from 'bullmq';
import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Job } from '../../domain/jobs/job.ts';
import type { RedisClient } from '../../jobs/connection.ts';
import { PART_QUEUE, type PartPayload } from '../../jobs/part-queue.ts';
import type { RunLocks } from '../../jobs/run-lock.ts';
import type { Store } from '../../store/store.ts';
import type { WorkerClocks } from '../queue/clocks.ts';
import { createJobLog } from '../queue/job-log.ts';
import { type TrainingDeps, taskFor } from '../queue/training-work.ts';
import { startTrainer, type TrainerProcess } from '../trainer/trainer-process.ts';
import { keepLock, lockOf } from './offer-parts.ts';
import type { TrainingSlots } from './training-slots.ts';

export interface PartDeps {
  connection: RedisClient;
  prefix: string;
  locks: RunLocks;
  slots: TrainingSlots;
  jobs: Store['jobs'];
  clocks: Pick<WorkerClocks, 'lockMs' | 'pollMs' | 'stalledCheckMs'>;
  training: Pick<TrainingDeps, 'trainer' | 'gpus' | 'common'>;
  logger: Logger;
}

export type PartConsumer = Worker<PartPayload, void>;

/** When a worker that was busy looks again at parts of others. */
const BUSY_MS = 500;

/** Takes parts of the jobs of other workers while this one has a trainer's place free. */
export function createPartConsumer(deps: PartDeps): PartConsumer {
  const { connection, prefix, slots, clocks, logger } = deps;
  const consumer: PartConsumer = new Worker(
    PART_QUEUE,
    async (entry, token) => {
      if (!slots.take()) {
        await entry.moveToDelayed(Date.now() + BUSY_MS, token);
        throw new DelayedError();
      }
      try {
        await makePart(entry.data, deps);
      } finally {
        slots.release();
      }
    },
    {
      ...{ connection, prefix, autorun: false, concurrency: slots.most },
      ...{ lockDuration: clocks.lockMs, stalledInterval: clocks.stalledCheckMs },
      ...{ maxStalledCount: 1, runRetryDelay: 1000, skipVersionCheck: true },
    },
  );
  consumer.on('error', (error) => logger.debug({ reason: error.message }, 'consumer of parts'));
  return consumer;
}

/** Trains one part, unless somebody is at it or its job no longer runs. The part's failure is none of the job, which trains it then. */
async function makePart({ jobId, part }: PartPayload, deps: PartDeps): Promise<void> {
  const { locks, jobs, clocks, logger } = deps;
  const job = await jobs.get(jobId);
  if (job?.state !== 'running') return;
  const token = randomUUID();
  if (!(await locks.acquire(lockOf(part), token))) return;
  const letGo = keepLock(locks, lockOf(part), token, clocks.lockMs);
  const log = createJobLog(jobs, jobId, logger);
  const name = part.slice(0, 8);
  try {
    log.add('info', `Part ${name} is trained on ${hostname()}, process ${process.pid}.`);
    const outcome = await train(job, part, deps, log.addPrinted);
    const how =
      outcome.kind === 'part-done'
        ? outcome.isKept
          ? 'is done'
          : 'is not needed any more'
        : `was not finished there (${outcome.kind === 'failed' ? outcome.problem.detail : 'its process ended'})`;
    log.add('info', `Part ${name} ${how}.`);
  } catch (error) {
    logger.warn({ jobId, part, reason: messageOf(error) }, 'a part of a job could not be trained here');
  } finally {
    await letGo();
    await log.flush();
  }
}

async function train(job: Job, part: string, deps: PartDeps, onLine: (line: string) => void) {
  const { jobs, clocks, training } = deps;
  const task = { ...(await taskFor(job, { jobs, common: training.common })), part };
  const gpu = training.gpus.take();
  const { trainer: options } = training;
  const trainer = startTrainer(
    task,
    { ...options, env: { ...options.env, ...gpu.env } },
    { onProgress: () => {}, onWarning: () => {}, onLine },
  );
  const watch = setInterval(() => void endWithJob(job, jobs, trainer), clocks.pollMs);
  deps.slots.onStop(trainer.kill);
  try {
    return await trainer.outcome;
  } finally {
    clearInterval(watch);
    gpu.release();
  }
}

/** Nobody waits for a part of an attempt that is over. */
async function endWithJob({ id, attempts }: Job, jobs: Pick<Store['jobs'], 'get'>, trainer: TrainerProcess) {
  const now = await jobs.get(id).catch(() => undefined);
  if (now !== undefined && (now?.state !== 'running' || now.attempts !== attempts)) trainer.kill();
}
