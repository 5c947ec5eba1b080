import type { ArtifactStore } from '../../artifact/store/store.ts';
import { completeDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import type { Job } from '../../domain/jobs/job.ts';
import { removeCheckpoints, sharedCheckpoints } from '../../jobs/checkpoint-folder.ts';
import type { StageSettings, TrainerTask } from '../../jobs/contract.ts';
import type { Store } from '../../store/store.ts';
import type { Tracer } from '../../tracing/contract.ts';
import type { GpuSlots } from '../trainer/gpu-slots.ts';
import { watchMemory } from '../trainer/memory-limit.ts';
import { crashFailure, type StopReason } from '../trainer/outcome.ts';
import { startTrainer, type TrainerOptions, type TrainerOutcome } from '../trainer/trainer-process.ts';
import type { Work } from './runner.ts';
import type { Ending } from './settle.ts';

/** Offers of parts of one job, and who has which. */
export interface JobParts {
  /** Estimated seconds from which a part is offered. */
  fromSeconds: number;
  onPart: NonNullable<Parameters<typeof startTrainer>[2]['onPart']>;
  /** Lets go of what the job still held. */
  end(): Promise<void>;
}

export interface TrainingDeps {
  jobs: Pick<Store['jobs'], 'warn' | 'get'>;
  trainer: TrainerOptions;
  gpus: GpuSlots;
  /** Where machines share checkpoints that share no folder. */
  shared?: Pick<ArtifactStore, 'remove'> | undefined;
  /** Opens the desk for the parts of a job, or answers null where no other worker could share its work. */
  parts?: ((jobId: string) => Promise<JobParts | null>) | undefined;
  tracer?: Tracer | undefined;
  /** Settings that are alike in every task for a trainer. */
  common: Omit<TrainerTask, 'jobId' | 'contest' | 'spec' | 'stages' | 'trace'> & {
    stages: Omit<StageSettings, 'jobKey'>;
  };
}

const KILLED: ReadonlySet<StopReason> = new Set(['lost', 'memory']);

/** Runs distillation jobs, each in a trainer process of its own. */
export function createTrainingWork(deps: TrainingDeps): Work {
  const { jobs, trainer: options, gpus, shared, tracer } = deps;
  return async (job, { signal, stop, progress, log, logger, span: attempt }) => {
    const parts = (await deps.parts?.(job.id)) ?? null;
    const span = tracer?.start('trainer', { parent: attempt?.context });
    const task: TrainerTask = {
      ...(await taskFor(job, deps)),
      ...(parts && { partsFromSeconds: parts.fromSeconds }),
      ...(span && { trace: span.context }),
    };
    const { memoryMiB } = task;
    const gpu = gpus.take();
    const trainer = startTrainer(
      task,
      { ...options, env: { ...options.env, ...gpu.env } },
      {
        onProgress: progress.report,
        onWarning: (message) => progress.enqueue(() => jobs.warn(job.id, message)),
        onLine: log.addPrinted,
        ...(parts && { onPart: parts.onPart }),
      },
    );
    logger.info({ trainerPid: trainer.pid }, 'trainer started');
    const endWatch =
      memoryMiB === undefined || trainer.pid === undefined
        ? () => {}
        : watchMemory(trainer.pid, memoryMiB, (rssMiB) => {
            log.add('error', `The trainer takes ${rssMiB} MiB, more than the ${memoryMiB} MiB that it may.`);
            stop('memory');
          });
    // A run that lost its job must be gone at once: its successor is about to start. So must one that eats memory.
    const onAbort = () => (KILLED.has(signal.reason) ? trainer.kill() : trainer.stop());
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    try {
      const outcome = await trainer.outcome;
      span?.set({ 'process.pid': trainer.pid });
      span?.end(failureOf(outcome));
      const ending = endingOf(outcome, signal.aborted);
      // Not before the version is registered: a worker that is killed until then has its work done again.
      return ending.kind === 'trained'
        ? {
            ...ending,
            cleanUp: async () => {
              await removeCheckpoints(task.stages);
              await shared?.remove(sharedCheckpoints(task.stages.jobKey));
            },
          }
        : ending;
    } finally {
      signal.removeEventListener('abort', onAbort);
      endWatch();
      gpu.release();
      await parts?.end();
    }
  };
}

/** Task of a trainer: the job with all settings that training depends on. */
export async function taskFor(
  job: Job,
  { jobs, common }: Pick<TrainingDeps, 'jobs' | 'common'>,
): Promise<TrainerTask> {
  const { maxRssMiB: memoryMiB = common.memoryMiB } = job.spec as DistillationSpec;
  return {
    ...common,
    ...(memoryMiB !== undefined && { memoryMiB }),
    jobId: job.id,
    // A record of an earlier release may lack what has a default since.
    spec: completeDistillation(job.spec as DistillationSpec),
    ...((job.spec as DistillationSpec).publish?.place !== undefined && { contest: job.leader ?? job.id }),
    stages: { ...common.stages, jobKey: await firstOf(jobs, job) },
  };
}

/** Says how the process failed, for its span. */
function failureOf(outcome: TrainerOutcome): string | undefined {
  if (outcome.kind === 'done' || outcome.kind === 'part-done') return undefined;
  return outcome.kind === 'failed' ? outcome.problem.detail : crashFailure(outcome).problem.detail;
}

/** A retry goes on where the job that it is a retry of had come to. */
async function firstOf(jobs: Pick<Store['jobs'], 'get'>, job: Job): Promise<string> {
  let first: Job = job;
  while (first.retriedFrom !== null) {
    const before: Job | null = await jobs.get(first.retriedFrom);
    if (!before) break;
    first = before;
  }
  return first.id;
}

function endingOf(outcome: TrainerOutcome, wasStopped: boolean): Ending {
  if (outcome.kind === 'done')
    return { kind: 'trained', version: outcome.version, warnings: outcome.warnings };
  if (outcome.kind === 'part-done') throw new Error('a trainer of a job has made a part of another');
  if (outcome.kind === 'crashed') return { kind: 'failed', ...crashFailure(outcome) };
  // It stopped in order, but not because of us: the system, or a person, sent the signal. Nobody cancelled the job.
  if (outcome.problem.code === 'cancelled' && !wasStopped) {
    return { kind: 'failed', ...crashFailure({ exitCode: 0, signal: 'SIGTERM', stderr: '' }) };
  }
  return outcome;
}
