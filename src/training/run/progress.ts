import type { JobProgress } from '../../domain/jobs/job.ts';
import type { Progress } from '../../tensor/train/progress.ts';

/** Stages with the time that each takes, as measured with default settings: shares of a job without a refit, which adds its own. */
const STAGES = [
  { name: 'data', share: 0.02 },
  { name: 'teacher', share: 0.4 },
  { name: 'transfer', share: 0.02 },
  { name: 'distillation', share: 0.3 },
  { name: 'student-alone', share: 0.16 },
  { name: 'single-task', share: 0.3 },
  { name: 'seeds', share: 0.46 },
  { name: 'evaluation', share: 0.08 },
  { name: 'refit-teacher', share: 0.1 },
  { name: 'refit', share: 0.16 },
  { name: 'publishing', share: 0.02 },
] as const;

export type Stage = (typeof STAGES)[number]['name'];
/** Stages of the same student without what is being proved; a task has one of them. */
export type ControlStage = Extract<Stage, 'student-alone' | 'single-task'>;

export interface StageProgressOptions {
  device: string;
  refit: boolean;
  /** Seeds that student and controls are trained with; 1 by default. */
  seeds?: number | undefined;
  /** The stage in which the task trains its controls. */
  control?: ControlStage;
  /** Name of what the task's models are validated by. */
  metric?: string;
  report(progress: JobProgress): void;
}

export type StageProgress = ReturnType<typeof createStageProgress>;

/** Turns what a stage reports of itself into the progress of the whole job. */
export function createStageProgress(options: StageProgressOptions) {
  const { device, refit, seeds = 1, control = 'student-alone', metric = 'ndcg@10', report } = options;
  const started = performance.now();
  const left = control === 'student-alone' ? 'single-task' : 'student-alone';
  const isRun = (name: Stage) =>
    name !== left && (refit || !name.startsWith('refit')) && (seeds > 1 || name !== 'seeds');
  const stages = STAGES.filter(({ name }) => isRun(name)).map(({ name, share }) => ({
    name,
    share: name === 'seeds' ? share * (seeds - 1) : share,
  }));
  const shareOf = (list: readonly { share: number }[]) => list.reduce((sum, { share }) => sum + share, 0);
  const whole = shareOf(stages);

  function send(stage: Stage, within: number, more: Partial<JobProgress> = {}): void {
    const index = stages.findIndex((s) => s.name === stage);
    const fraction = Math.min(1, (shareOf(stages.slice(0, index)) + stages[index]!.share * within) / whole);
    const elapsed = (performance.now() - started) / 1000;
    report({
      stage,
      fraction,
      // Before a tenth is done the guess would be worse than none.
      ...(fraction > 0.1 ? { etaSeconds: Math.round((elapsed * (1 - fraction)) / fraction) } : {}),
      rssMiB: Math.round(process.memoryUsage.rss() / 2 ** 20),
      device,
      ...more,
    });
  }

  return {
    send,
    /** Name of the metric that training loops report. */
    metric,
    /** Returns the progress listener of a training loop, or of one of several loops of a stage. */
    fitting:
      (stage: Stage, loop = 0, loops = 1) =>
      (p: Progress) => {
        // The job's events have the epochs of an earlier run already.
        if (p.epochEnd?.isPast) return;
        send(stage, (loop + p.fraction) / loops, {
          epoch: p.epoch,
          epochs: p.epochs,
          step: p.step,
          losses: p.losses,
          learningRate: p.learningRate,
          ...(p.model !== undefined && { model: p.model }),
          ...(p.metric === undefined ? {} : { metrics: { [metric]: p.metric } }),
          ...(p.epochEnd && { epochEnd: true as const }),
        });
      },
  };
}
