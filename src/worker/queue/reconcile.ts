import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Job, JobState } from '../../domain/jobs/job.ts';
import type { JobQueues } from '../../jobs/queue.ts';
import type { RunLocks } from '../../jobs/run-lock.ts';
import type { Signals } from '../../jobs/signals.ts';
import type { Turn } from '../../jobs/turn.ts';
import type { Store } from '../../store/store.ts';

interface ReconcileDeps {
  jobs: Pick<Store['jobs'], 'list' | 'transition'>;
  queues: Pick<JobQueues, 'addBulk'>;
  locks: Pick<RunLocks, 'isHeld'>;
  signals: Pick<Signals, 'publish'>;
  /** Called when a job is over without a worker: nobody else removes what it left. */
  onAbandoned?(job: Job): Promise<void>;
  logger: Logger;
}

const PAGE = 200;

/**
 * Brings the queue to what SQL says, after Redis was wiped or a worker was lost. Safe to run anywhere, any time and
 * in any number: adding a job that is on the queue does nothing, and each transition has one winner.
 */
export function createReconciler({ jobs, queues, locks, signals, onAbandoned, logger }: ReconcileDeps) {
  /** Jobs that nobody held in the last round, with the attempt they were in. */
  let orphans = new Map<string, number>();

  async function enqueueQueued(): Promise<void> {
    for await (const page of pages('queued')) {
      await queues.addBulk(
        page.map(({ id, type, spec }) => ({ id, type, turn: spec as Turn })),
        Date.now(),
      );
    }
  }

  /** Only those that nobody holds in two rounds: after a wipe a live holder needs a moment to take its lock again. */
  async function freeOrphans(): Promise<void> {
    const found = new Map<string, number>();
    for (const state of ['running', 'cancelling'] as const) {
      for await (const page of pages(state)) {
        for (const job of page) {
          if (await locks.isHeld(job.id)) continue;
          if (orphans.get(job.id) === job.attempts) await free(job, state);
          else found.set(job.id, job.attempts);
        }
      }
    }
    orphans = found;
  }

  async function free(job: Job, state: 'running' | 'cancelling'): Promise<void> {
    const to = state === 'running' ? 'queued' : 'cancelled';
    if (!(await jobs.transition(job.id, [state], to))) return;
    logger.warn({ jobId: job.id, from: state, to }, 'the job had lost its worker');
    await signals.publish({ kind: 'job', jobId: job.id });
    if (to !== 'cancelled') return;
    await onAbandoned?.(job).catch((error) => {
      logger.warn({ reason: messageOf(error), jobId: job.id }, 'something was left behind by the job');
    });
  }

  async function* pages(state: JobState): AsyncGenerator<Job[]> {
    let cursor: string | undefined;
    do {
      const { rows, nextCursor } = await jobs.list({ state }, PAGE, cursor);
      if (rows.length > 0) yield rows;
      cursor = nextCursor ?? undefined;
    } while (cursor !== undefined);
  }

  let isRunning = false;
  return async function reconcile(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    try {
      await freeOrphans();
      await enqueueQueued();
    } catch (error) {
      logger.debug({ reason: messageOf(error) }, 'reconciliation has to wait');
    } finally {
      isRunning = false;
    }
  };
}
