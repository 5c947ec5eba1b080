import { setTimeout as sleep } from 'node:timers/promises';
import type { StoredProblem } from '../../domain/base/problem.ts';
import { FINISHED_STATES, type Job } from '../../domain/jobs/job.ts';
import type { JobRequirements } from '../../domain/jobs/job-options.ts';
import type { RunLocks } from '../../jobs/run-lock.ts';
import type { Store } from '../../store/store.ts';
import type { RunOutcome } from '../trainer/outcome.ts';
import { MOST_DEATHS, oneMoreDeath, withoutProgress } from './deaths.ts';

const OTHER_WORKER_PAUSE_MS = 2000;

export type Claim = { kind: 'claimed'; job: Job } | RunOutcome;

export interface ClaimDeps {
  jobs: Store['jobs'];
  locks: RunLocks;
  /** Longer than a holder takes to find out that its job was taken over. */
  takeoverMs: number;
  /** When to look again for a job that others hold up. */
  heldUpPauseMs: number;
  /** Jobs of a lane that may run at once in the whole installation. */
  mostRunning?: number | undefined;
  /** Called when a job is over before anybody ran it to its end: nobody else removes what it left. */
  onAbandoned?: ((job: Job) => Promise<void>) | undefined;
  /** Says whether this worker's machine is one that the job asks for. */
  meets?: ((requirements: JobRequirements) => boolean) | undefined;
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
    const isOver = await jobs.transition(jobId, ['cancelling'], 'cancelled');
    if (isOver) await deps.onAbandoned?.(job).catch(() => {});
    return { kind: 'finished' };
  }
  const lost = job.state === 'running' ? lostWorker(job) : undefined;
  if (lost?.isOver) return giveUp(job, lost.problem, jobs);
  const pauseMs = (await isTeacherMissing(job, jobs)) ? deps.heldUpPauseMs : pauseBefore(job, deps);
  if (pauseMs > 0) return { kind: 'wait', pauseMs };
  const answer = await jobs.claim(jobId, job.state, {
    mostRunning: deps.mostRunning,
    ...(lost && { problem: lost.problem }),
  });
  if (answer === 'lost') return { kind: 'busy' };
  if (answer !== 'claimed') return { kind: 'wait', pauseMs: deps.heldUpPauseMs };
  if (job.state === 'running') {
    await sleep(takeoverMs);
    if (!(await locks.refresh(jobId, token))) return { kind: 'busy' };
  }
  const claimed = await jobs.get(jobId);
  return claimed ? { kind: 'claimed', job: claimed } : { kind: 'finished' };
}

/** A leader that ended without a teacher leaves it to the others, who wait no longer. */
async function isTeacherMissing(job: Job, jobs: Pick<Store['jobs'], 'get'>): Promise<boolean> {
  if (job.leader === null) return false;
  const leader = await jobs.get(job.leader);
  if (!leader || FINISHED_STATES.includes(leader.state)) return false;
  const stage = leader.progress?.stage;
  return stage === undefined || stage === 'data' || stage === 'teacher';
}

/** Why it may not start here and now, in milliseconds until it is worth another look. */
function pauseBefore({ spec }: Job, { meets }: ClaimDeps): number {
  const { notBefore, requirements } = spec as { notBefore?: string; requirements?: JobRequirements };
  const early = notBefore === undefined ? 0 : Date.parse(notBefore) - Date.now();
  if (early > 0) return early;
  return requirements && meets && !meets(requirements) ? OTHER_WORKER_PAUSE_MS : 0;
}

/** A job that takes its whole worker down with it cannot count that itself: whoever finds it does. */
function lostWorker(job: Job): { isOver: boolean; problem: StoredProblem } {
  const deaths = oneMoreDeath(job);
  const isOver = deaths.failedAttempts >= MOST_DEATHS;
  const detail = isOver
    ? `The job was given up: its worker was lost, or the attempt failed, ${withoutProgress(deaths)}.`
    : 'The worker that ran the job was lost; another has taken it over.';
  const title = 'The trainer process ended unexpectedly';
  return { isOver, problem: { code: 'trainer-crashed', title, detail, ...deaths } };
}

async function giveUp(
  job: Job,
  problem: StoredProblem,
  jobs: Pick<Store['jobs'], 'transition'>,
): Promise<RunOutcome> {
  await jobs.transition(job.id, ['running'], 'failed', { problem });
  return { kind: 'failed', detail: problem.detail };
}
