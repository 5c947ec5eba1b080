import { randomUUID } from 'node:crypto';
import { hostname } from 'node:os';
import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Job } from '../../domain/jobs/job.ts';
import type { RunLocks } from '../../jobs/run-lock.ts';
import type { Signals } from '../../jobs/signals.ts';
import type { Store } from '../../store/store.ts';
import type { Span, Tracer } from '../../tracing/contract.ts';
import type { RunOutcome, StopReason } from '../trainer/outcome.ts';
import { endAttempt, startAttempt } from './attempt-span.ts';
import { type ClaimDeps, claimJob } from './claim.ts';
import type { WorkerClocks } from './clocks.ts';
import { createJobLog, type JobLog } from './job-log.ts';
import { createProgressWriter, type ProgressWriter } from './progress-writer.ts';
import { type RunWatch, watchRun } from './run-watch.ts';
import { type Ending, recordEnding } from './settle.ts';
import { createStageClock } from './stage-clock.ts';

/** Does the work of one type of job. It ends soon after the signal, whose reason is a StopReason; it never rejects. */
export type Work = (job: Job, context: WorkContext) => Promise<Ending>;

export interface WorkContext {
  signal: AbortSignal;
  /** Ends this run: what becomes of the job follows from the reason. */
  stop(reason: StopReason): void;
  progress: ProgressWriter;
  /** The job's own log, for its user. */
  log: JobLog;
  signals: Pick<Signals, 'publish'>;
  logger: Logger;
  /** Span of the attempt, where traces are on. */
  span?: Span | undefined;
}

export interface JobRunner {
  run(jobId: string): Promise<RunOutcome>;
  /** Runs go on, later ones put their jobs back at once. */
  takeNoMore(): void;
  /** Ends all runs, which put their jobs back. */
  shutDown(): void;
}

interface RunnerDeps {
  store: Store;
  locks: RunLocks;
  signals: Pick<Signals, 'publish' | 'subscribe'>;
  work: Record<Job['type'], Work>;
  logger: Logger;
  tracer?: Tracer | undefined;
  /** Limits on the start of jobs. */
  limits?: Pick<ClaimDeps, 'mostRunning' | 'meets' | 'onAbandoned'>;
  /** Called when a job has come to another stage, and at its end: others may have waited for it. */
  onMoved?(job: Job): Promise<void>;
  clocks: Pick<WorkerClocks, 'pollMs' | 'takeoverMs' | 'heldUpPauseMs'>;
}

interface ActiveRun {
  stop(reason: StopReason): void;
  watch: RunWatch;
}

/** Takes jobs from claim to their recorded end. It knows nothing of BullMQ. */
// Long because its functions share one state.
export function createJobRunner(deps: RunnerDeps): JobRunner {
  const { store, locks, signals, work, logger } = deps;
  const { pollMs, takeoverMs, heldUpPauseMs } = deps.clocks;
  const active = new Map<string, ActiveRun>();
  let takesMore = true;
  let goingDown = false;

  // The signal only says when to look: SQL says whether.
  signals.subscribe((signal) => {
    if (signal.kind === 'cancel') active.get(signal.jobId)?.watch.look();
  });

  async function run(jobId: string): Promise<RunOutcome> {
    if (!takesMore) return { kind: 'put-back' };
    const token = randomUUID();
    const isOurs = await locks.acquire(jobId, token).catch(() => false);
    if (!isOurs) return { kind: 'busy' };
    try {
      const claim = await claimJob(jobId, token, {
        ...deps.limits,
        jobs: store.jobs,
        locks,
        takeoverMs,
        heldUpPauseMs,
      });
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
    const span = deps.tracer && (await startAttempt(deps.tracer, job, store.jobs));
    const log = logger.child({
      ...{ jobId: job.id, attempt: job.attempts },
      ...(span && { traceId: span.traceId }),
    });
    const watch = watchRun(
      { jobId: job.id, attempts: job.attempts, token, deadline: deadlineOf(job) },
      { jobs: store.jobs, locks, logger: log, pollMs, stop },
    );
    active.set(job.id, { stop, watch });
    if (goingDown) stop('shutdown');
    let stage = '';
    const stages = createStageClock();
    const progress = createProgressWriter(async (latest) => {
      await store.jobs.progress(job.id, latest);
      if (latest.stage !== stage) await tellOthers(job);
      if (latest.stage !== stage) span?.event('stage', { name: latest.stage });
      stage = latest.stage;
      stages.enter(stage);
      await signals.publish({ kind: 'job', jobId: job.id });
    }, log);
    const jobLog = createJobLog(store.jobs, job.id, log);
    try {
      log.info({ type: job.type, model: job.model }, 'job started');
      jobLog.add('info', `Attempt ${job.attempts} starts on ${hostname()}, process ${process.pid}.`);
      const context = { signal: controller.signal, stop, progress, signals, log: jobLog, logger: log, span };
      const ending = await work[job.type](job, context);
      await progress.flush();
      // Read now: the watch takes a job that has ended for one that was lost.
      const stopped: StopReason | undefined = controller.signal.reason;
      if (job.type === 'distillation') await measureStages(stages.read(), log);
      const outcome = await recordEnding(job, ending, stopped, { store, signals, logger: log });
      jobLog.add(...describeEnd(outcome, stopped));
      if (span) endAttempt(span, outcome, stopped);
      return outcome;
    } finally {
      watch.end();
      active.delete(job.id);
      await jobLog.flush();
      await tellOthers(job);
    }
  }

  /** Times are for people who look at many jobs: one that is missing harms nobody. */
  async function measureStages(milliseconds: Record<string, number>, log: Logger): Promise<void> {
    await store.jobs.measureStages(milliseconds).catch((error) => {
      log.debug({ reason: messageOf(error) }, 'the times of the stages were not counted');
    });
  }

  async function tellOthers(job: Job): Promise<void> {
    await deps.onMoved?.(job).catch((error) => {
      logger.debug({ reason: messageOf(error) }, 'jobs that wait were not woken; they look by themselves');
    });
  }

  return {
    run,
    takeNoMore() {
      takesMore = false;
    },
    shutDown() {
      takesMore = false;
      goingDown = true;
      for (const { stop } of active.values()) stop('shutdown');
    },
  };
}

function deadlineOf({ spec, startedAt }: Job): number | undefined {
  const { timeoutSeconds } = spec as { timeoutSeconds?: number };
  if (timeoutSeconds === undefined || startedAt === null) return undefined;
  return Date.parse(startedAt) + timeoutSeconds * 1000;
}

function describeEnd(outcome: RunOutcome, stopped: StopReason | undefined): Parameters<JobLog['add']> {
  if (stopped === 'lost') return ['warn', 'This attempt was ended: another worker has taken the job over.'];
  if (outcome.kind === 'retry') return ['warn', `The attempt failed and is tried again: ${outcome.detail}`];
  if (outcome.kind === 'failed') return ['error', `The job has failed: ${outcome.detail}`];
  if (outcome.kind === 'put-back') return ['info', 'The worker stops; the job goes back to the queue.'];
  return ['info', 'The attempt is over.'];
}
