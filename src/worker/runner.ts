import { randomUUID } from 'node:crypto';
import { messageOf } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import type { Job } from '../domain/job.ts';
import type { RunLocks } from '../jobs/run-lock.ts';
import type { Signals } from '../jobs/signals.ts';
import type { Store } from '../store/store.ts';
import { claimJob } from './claim.ts';
import type { RunOutcome, StopReason } from './outcome.ts';
import { createProgressWriter, type ProgressWriter } from './progress-writer.ts';
import { type RunWatch, watchRun } from './run-watch.ts';
import { type Ending, recordEnding } from './settle.ts';

/** Does the work of one type of job. It ends soon after the signal, whose reason is a StopReason; it never rejects. */
export type Work = (job: Job, context: WorkContext) => Promise<Ending>;

export interface WorkContext {
  signal: AbortSignal;
  progress: ProgressWriter;
  logger: Logger;
}

export interface JobRunner {
  run(jobId: string): Promise<RunOutcome>;
  /** Ends all runs, which put their jobs back; later ones put theirs back at once. */
  shutDown(): void;
}

interface RunnerDeps {
  store: Store;
  locks: RunLocks;
  signals: Pick<Signals, 'publish' | 'subscribe'>;
  work: Record<Job['type'], Work>;
  logger: Logger;
  pollMs?: number;
  takeoverMs?: number;
}

interface ActiveRun {
  stop(reason: StopReason): void;
  watch: RunWatch;
}

/** Takes jobs from claim to their recorded end. It knows nothing of BullMQ. */
export function createJobRunner(deps: RunnerDeps): JobRunner {
  const { store, locks, signals, work, logger, pollMs = 1000, takeoverMs = 3 * pollMs } = deps;
  const active = new Map<string, ActiveRun>();
  let goingDown = false;

  // The signal only says when to look: SQL says whether.
  signals.subscribe((signal) => {
    if (signal.kind === 'cancel') active.get(signal.jobId)?.watch.look();
  });

  async function run(jobId: string): Promise<RunOutcome> {
    if (goingDown) return { kind: 'put-back' };
    const token = randomUUID();
    const isOurs = await locks.acquire(jobId, token).catch(() => false);
    if (!isOurs) return { kind: 'busy' };
    try {
      const claim = await claimJob(jobId, token, { jobs: store.jobs, locks, takeoverMs });
      await signals.publish({ kind: 'job', jobId });
      return claim.kind === 'claimed' ? await execute(claim.job, token) : claim;
    } finally {
      await locks.release(jobId, token).catch((error) => {
        logger.debug({ reason: messageOf(error) }, 'run lock not released; it expires');
      });
    }
  }

  async function execute(job: Job, token: string): Promise<RunOutcome> {
    const controller = new AbortController();
    const stop = (reason: StopReason) => controller.abort(reason);
    const log = logger.child({ jobId: job.id, attempt: job.attempts });
    const watch = watchRun(
      { jobId: job.id, attempts: job.attempts, token },
      { jobs: store.jobs, locks, logger: log, pollMs, stop },
    );
    active.set(job.id, { stop, watch });
    if (goingDown) stop('shutdown');
    const progress = createProgressWriter(async (latest) => {
      await store.jobs.progress(job.id, latest);
      await signals.publish({ kind: 'job', jobId: job.id });
    }, log);
    try {
      log.info({ type: job.type, model: job.model }, 'job started');
      const ending = await work[job.type](job, { signal: controller.signal, progress, logger: log });
      await progress.flush();
      return await recordEnding(job, ending, controller.signal.reason, { store, signals, logger: log });
    } finally {
      watch.end();
      active.delete(job.id);
    }
  }

  return {
    run,
    shutDown() {
      goingDown = true;
      for (const { stop } of active.values()) stop('shutdown');
    },
  };
}
