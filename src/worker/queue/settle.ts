import { setTimeout as sleep } from 'node:timers/promises';
import { AppError, messageOf, problem } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { NewVersion } from '../../domain/answers/model.ts';
import { completeDistillation } from '../../domain/jobs/complete-distillation.ts';
import { DEFAULT_ALIAS, type DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import {
  type DistillationResult,
  FINISHED_STATES,
  type ImportResult,
  type Job,
} from '../../domain/jobs/job.ts';
import type { JobOptions } from '../../domain/jobs/job-options.ts';
import { DEFAULT_MARGIN } from '../../domain/releases/gate-spec.ts';
import type { Signals } from '../../jobs/signals.ts';
import type { Release } from '../../store/registry/contract.ts';
import type { Store } from '../../store/store.ts';
import { type Failure, failureOf, type RunOutcome, type StopReason } from '../trainer/outcome.ts';
import { type Deaths, MOST_DEATHS, oneMoreDeath, withoutProgress } from './deaths.ts';

/** How the work itself ended. */
export type Ending = (
  | { kind: 'trained'; version: NewVersion; warnings: string[] }
  | { kind: 'imported'; result: ImportResult }
  | ({ kind: 'failed' } & Failure)
) & {
  /** Called when the job is over for good and that is on record. */
  cleanUp?(): Promise<void>;
};

interface SettleDeps {
  store: Store;
  signals: Pick<Signals, 'publish'>;
  logger: Logger;
}

const STORE_TRIES = 60;
const STORE_PAUSE_MS = 1000;

/** Brings the job's record to where the ending leads, and says what the queue is to do. */
export async function recordEnding(
  job: Job,
  ending: Ending,
  stopped: StopReason | undefined,
  deps: SettleDeps,
): Promise<RunOutcome> {
  const outcome = await patiently(() => settle(job, ending, stopped, deps), deps.logger);
  deps.logger.info({ outcome }, 'job run ended');
  await cleanUp(job, ending, deps);
  await deps.signals.publish({ kind: 'job', jobId: job.id });
  return outcome;
}

async function cleanUp(job: Job, ending: Ending, { store, logger }: SettleDeps): Promise<void> {
  if (!ending.cleanUp) return;
  try {
    const now = await store.jobs.get(job.id);
    if (now && FINISHED_STATES.includes(now.state)) await ending.cleanUp();
  } catch (error) {
    logger.warn({ reason: messageOf(error) }, 'something was left behind by the job');
  }
}

/** Hours of training must not be lost because the database was locked or its disk full for a moment. */
async function patiently<T>(task: () => Promise<T>, logger: Logger): Promise<T> {
  for (let tries = 1; ; tries++) {
    try {
      return await task();
    } catch (error) {
      const isTemporary = error instanceof AppError && error.code === 'store-unavailable';
      if (!isTemporary || tries >= STORE_TRIES) throw error;
      logger.warn({ reason: error.detail }, 'the end of the job cannot be stored yet');
      await sleep(STORE_PAUSE_MS);
    }
  }
}

async function settle(
  job: Job,
  ending: Ending,
  stopped: StopReason | undefined,
  { store, signals, logger }: SettleDeps,
): Promise<RunOutcome> {
  const now = await store.jobs.get(job.id);
  if (stopped === 'lost' || !now || now.attempts !== job.attempts) {
    logger.warn('somebody else has taken the job over');
    return { kind: 'finished' };
  }
  if (now.state === 'cancelling') {
    await store.jobs.transition(job.id, ['cancelling'], 'cancelled');
    return { kind: 'finished' };
  }
  if (ending.kind === 'failed') {
    return stopped === 'shutdown'
      ? putBack(job, store)
      : recordFailure(now, limitFailure(job, stopped) ?? ending, store);
  }
  const result = ending.kind === 'imported' ? ending.result : await publish(job, ending, store);
  // A cancel that came after the publication is too late.
  await store.jobs.transition(job.id, ['running', 'cancelling'], 'succeeded', { result, problem: null });
  if (ending.kind === 'trained') await signals.publish({ kind: 'models' });
  return { kind: 'finished' };
}

/** Failure by a limit of the job, or of every trainer. It would end the same way again, so it is not tried again. */
function limitFailure({ spec }: Job, stopped: StopReason | undefined): Failure | null {
  const { timeoutSeconds, maxRssMiB } = spec as JobOptions;
  if (stopped === 'timeout') {
    return failureOf(
      problem(
        'job-timeout',
        `The attempt ran longer than timeoutSeconds of ${timeoutSeconds}; raise it, or ask for fewer epochs.`,
        { timeoutSeconds },
      ),
    );
  }
  if (stopped !== 'memory') return null;
  const limit =
    maxRssMiB === undefined
      ? 'a trainer may here; raise TRAINER_MEMORY_MIB, set maxRssMiB,'
      : `maxRssMiB of ${maxRssMiB}; raise it,`;
  return failureOf(
    problem(
      'memory-limit',
      `The trainer took more memory than ${limit} or ask for a smaller model or batch.`,
      {
        ...(maxRssMiB !== undefined && { maxRssMiB }),
      },
    ),
  );
}

/** Once per job, however often it was run: the registry answers a second time with the first version. */
async function publish(
  job: Job,
  { version, warnings }: Extract<Ending, { kind: 'trained' }>,
  store: Store,
): Promise<DistillationResult> {
  const registered = await store.models.publish(version, releaseOf(job));
  const { model, version: number, promotion } = registered;
  return {
    model,
    version: number,
    ...(promotion && { promotion }),
    ...(warnings.length > 0 && { warnings }),
  };
}

/** How the version of a job asks for its alias. Other aliases than stable serve nobody who does not ask for them: they move freely. */
function releaseOf({ id, leader, keyId, spec }: Job): Release {
  const {
    alias,
    gate,
    place,
    choose = 'best',
    margin = DEFAULT_MARGIN,
  } = completeDistillation(spec as DistillationSpec).publish;
  return {
    alias,
    isOff: gate === 'off' || (gate === undefined && alias !== DEFAULT_ALIAS),
    ...(keyId !== null && { keyId }),
    ...(place !== undefined && { contest: { of: leader ?? id, place, choose, margin } }),
  };
}

async function putBack(job: Job, store: Store): Promise<RunOutcome> {
  const isBack = await store.jobs.transition(job.id, ['running'], 'queued');
  return isBack ? { kind: 'put-back' } : { kind: 'finished' };
}

/** Tries it again, unless it would end the same way, or has died too often without getting on. */
async function recordFailure(job: Job, failure: Failure, store: Store): Promise<RunOutcome> {
  const deaths = oneMoreDeath(job);
  const isOver = deaths.failedAttempts >= MOST_DEATHS;
  const isFinal = !failure.retryable || isOver;
  const given = failure.retryable && isOver ? ` It was given up: it failed ${withoutProgress(deaths)}.` : '';
  const detail = `${failure.problem.detail}${given}`;
  const problem = { ...failure.problem, detail, ...deaths };
  const moved = await store.jobs.transition(job.id, ['running'], isFinal ? 'failed' : 'queued', { problem });
  if (!moved) {
    await store.jobs.transition(job.id, ['cancelling'], 'cancelled');
    return { kind: 'finished' };
  }
  return isFinal ? { kind: 'failed', detail } : { kind: 'retry', detail, pauseMs: pauseBefore(deaths) };
}

/** One second, two, four: what made it fail may pass. */
const pauseBefore = ({ failedAttempts }: Deaths) => 1000 * 2 ** (failedAttempts - 1);
