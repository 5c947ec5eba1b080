import type { DistillationSpec } from '../domain/distillation-spec.ts';
import type { TrainerTask } from '../jobs/contract.ts';
import type { Store } from '../store/store.ts';
import { createGpuSlots } from './gpu-slots.ts';
import { crashFailure } from './outcome.ts';
import type { Work } from './runner.ts';
import type { Ending } from './settle.ts';
import { startTrainer, type TrainerOptions, type TrainerOutcome } from './trainer-process.ts';

interface TrainingDeps {
  jobs: Pick<Store['jobs'], 'warn'>;
  trainer: TrainerOptions;
  /** What every task says alike. */
  common: Omit<TrainerTask, 'jobId' | 'spec'>;
}

/** Runs distillation jobs, each in a trainer process of its own. */
export function createTrainingWork({ jobs, trainer: options, common }: TrainingDeps): Work {
  const gpus = createGpuSlots(options.env.CUDA_VISIBLE_DEVICES);
  return async (job, { signal, progress, logger }) => {
    const task: TrainerTask = { ...common, jobId: job.id, spec: job.spec as DistillationSpec };
    const gpu = gpus.take();
    const trainer = startTrainer(
      task,
      { ...options, env: { ...options.env, ...gpu.env } },
      {
        onProgress: progress.report,
        onWarning: (message) => progress.enqueue(() => jobs.warn(job.id, message)),
      },
    );
    logger.info({ trainerPid: trainer.pid }, 'trainer started');
    // A run that lost its job must be gone at once: its successor is about to start.
    const onAbort = () => (signal.reason === 'lost' ? trainer.kill() : trainer.stop());
    if (signal.aborted) onAbort();
    else signal.addEventListener('abort', onAbort, { once: true });
    try {
      return endingOf(await trainer.outcome, signal.aborted);
    } finally {
      signal.removeEventListener('abort', onAbort);
      gpu.release();
    }
  };
}

function endingOf(outcome: TrainerOutcome, wasStopped: boolean): Ending {
  if (outcome.kind === 'done')
    return { kind: 'trained', version: outcome.version, warnings: outcome.warnings };
  if (outcome.kind === 'crashed') return { kind: 'failed', ...crashFailure(outcome) };
  // It stopped in order, but not because of us: the system, or a person, sent the signal. Nobody cancelled the job.
  if (outcome.problem.code === 'cancelled' && !wasStopped) {
    return { kind: 'failed', ...crashFailure({ exitCode: 0, signal: 'SIGTERM', stderr: '' }) };
  }
  return outcome;
}
