import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { RunLocks } from '../../jobs/run-lock.ts';
import type { Store } from '../../store/store.ts';
import type { StopReason } from '../trainer/outcome.ts';

export interface RunWatch {
  /** Looks now, because a signal said that something may have changed. */
  look(): void;
  end(): void;
}

interface WatchedRun {
  jobId: string;
  /** Number of this run; a higher one in SQL means that somebody has taken over. */
  attempts: number;
  token: string;
  /** When it must be over, in milliseconds since 1970. */
  deadline?: number | undefined;
}

interface WatchDeps {
  jobs: Pick<Store['jobs'], 'get'>;
  locks: RunLocks;
  logger: Logger;
  pollMs: number;
  stop(reason: StopReason): void;
}

/**
 * Asks SQL each second whether the run may go on, so that a cancel arrives while Redis is away; and keeps the run's
 * lock while Redis is there. Neither being away stops a run: only a clear answer does.
 */
export function watchRun(run: WatchedRun, deps: WatchDeps): RunWatch {
  const { jobs, locks, logger, pollMs, stop } = deps;
  let looking = false;

  async function askStore(): Promise<void> {
    const job = await jobs.get(run.jobId);
    if (!job || job.attempts !== run.attempts) return stop('lost');
    if (job.state === 'cancelling') return stop('cancel');
    if (job.state !== 'running') stop('lost');
  }

  async function keepLock(): Promise<void> {
    if (!(await locks.refresh(run.jobId, run.token))) stop('lost');
  }

  async function look(): Promise<void> {
    if (run.deadline !== undefined && Date.now() >= run.deadline) stop('timeout');
    if (looking) return;
    looking = true;
    const answers = await Promise.allSettled([askStore(), keepLock()]);
    looking = false;
    for (const answer of answers) {
      if (answer.status === 'rejected')
        logger.debug({ reason: messageOf(answer.reason) }, 'watch could not ask');
    }
  }

  const timer = setInterval(() => void look(), pollMs);
  return { look: () => void look(), end: () => clearInterval(timer) };
}
