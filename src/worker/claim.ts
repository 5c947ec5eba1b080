import { setTimeout as sleep } from 'node:timers/promises';
import { FINISHED_STATES, type Job } from '../domain/job.ts';
import type { RunLocks } from '../jobs/run-lock.ts';
import type { Store } from '../store/store.ts';
import type { RunOutcome } from './outcome.ts';

/** A job that takes its whole worker down with it never gets to count its crashes. */
const MAX_STARTS = 20;

export type Claim = { kind: 'claimed'; job: Job } | RunOutcome;

interface ClaimDeps {
  jobs: Store['jobs'];
  locks: RunLocks;
  /** Longer than a holder takes to find out that its job was taken over. */
  takeoverMs: number;
}

/**
 * Makes the job ours, in SQL. The caller holds the run lock, so a job that SQL calls running has lost its holder:
 * it was killed, or it lives and has lost Redis. Raising the number of attempts tells the latter kind to stop, and
 * we wait until it must have seen that, so that two trainers never run at once.
 */
export async function claimJob(jobId: string, token: string, deps: ClaimDeps): Promise<Claim> {
  const { jobs, locks, takeoverMs } = deps;
  const job = await jobs.get(jobId);
  // No record: it was refused with an error after Redis had taken it.
  if (!job || FINISHED_STATES.includes(job.state)) return { kind: 'finished' };
  if (job.state === 'cancelling') {
    await jobs.transition(jobId, ['cancelling'], 'cancelled');
    return { kind: 'finished' };
  }
  if (job.state === 'running' && job.attempts >= MAX_STARTS) return giveUp(job, jobs);
  if (!(await jobs.transition(jobId, [job.state], 'running'))) return { kind: 'busy' };
  if (job.state === 'running') {
    await sleep(takeoverMs);
    if (!(await locks.refresh(jobId, token))) return { kind: 'busy' };
  }
  const claimed = await jobs.get(jobId);
  return claimed ? { kind: 'claimed', job: claimed } : { kind: 'finished' };
}

async function giveUp(job: Job, jobs: Store['jobs']): Promise<RunOutcome> {
  const detail = `The job was started ${job.attempts} times and its worker was lost each time.`;
  await jobs.transition(job.id, ['running'], 'failed', {
    problem: {
      ...job.problem,
      code: 'trainer-crashed',
      title: 'The trainer process ended unexpectedly',
      detail,
    },
  });
  return { kind: 'failed', detail };
}
