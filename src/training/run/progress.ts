import type { JobProgress } from '../../domain/jobs/job.ts';
import type { Progress } from '../../tensor/train/progress.ts';
import { createTimeline } from './timeline.ts';

/** Stages with the time that each takes, as measured with default settings: shares of a job without a refit, which adds its own. */
const STAGES = [
  { name: 'data', work: 0.02, isRough: true },
  { name: 'teacher', work: 0.4 },
  { name: 'transfer', work: 0.02 },
  { name: 'distillation', work: 0.3 },
  { name: 'student-alone', work: 0.16 },
  { name: 'single-task', work: 0.3 },
  { name: 'seeds', work: 0.46 },
  { name: 'evaluation', work: 0.08 },
  { name: 'refit-teacher', work: 0.1 },
  { name: 'refit', work: 0.16 },
  { name: 'publishing', work: 0.02, isRough: true },
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
  /** Returns seconds; the process's own clock by default. */
  now?: () => number;
  report(progress: JobProgress): void;
}

export type StageProgress = ReturnType<typeof createStageProgress>;

/** Before a tenth is done a guess at the time left would be worse than none. */
const GUESSED_FROM = 0.1;

/** Asking the system for it takes longer than many a training step. */
const RSS_EVERY_MS = 100;

/** Returns a function that tells the memory of this process in MiB, as it was at most a tenth of a second ago. */
function createRssMiB(): () => number {
  let [mib, askedAt] = [0, Number.NEGATIVE_INFINITY];
  return () => {
    const now = performance.now();
    if (now - askedAt < RSS_EVERY_MS) return mib;
    askedAt = now;
    mib = Math.round(process.memoryUsage.rss() / 2 ** 20);
    return mib;
  };
}

/** Turns what a stage reports of itself into the progress of the whole job. */
export function createStageProgress(options: StageProgressOptions) {
  const { device, refit, seeds = 1, control = 'student-alone', metric = 'ndcg@10', report } = options;
  const left = control === 'student-alone' ? 'single-task' : 'student-alone';
  const isRun = (name: Stage) =>
    name !== left && (refit || !name.startsWith('refit')) && (seeds > 1 || name !== 'seeds');
  const stages = STAGES.filter(({ name }) => isRun(name)).map((stage) =>
    stage.name === 'seeds' ? { ...stage, work: stage.work * (seeds - 1) } : stage,
  );
  const timeline = createTimeline(stages, options.now ?? (() => performance.now() / 1000), 'shares');
  const rssMiB = createRssMiB();
  let last: { stage: Stage; within: number } = { stage: 'data', within: 0 };

  function send(stage: Stage, within: number, more: Partial<JobProgress> = {}): void {
    last = { stage, within };
    const { fraction, etaSeconds } = timeline.at(stage, within);
    report({
      stage,
      fraction,
      ...(fraction > GUESSED_FROM && etaSeconds !== undefined && { etaSeconds: Math.round(etaSeconds) }),
      rssMiB: rssMiB(),
      device,
      ...more,
    });
  }

  return {
    send,
    /** Says once more how far the job is, with the time left as it is by now. */
    again: () => send(last.stage, last.within),
    begin: (stage: Stage) => timeline.begin(stage),
    end: () => timeline.end(),
    /** Replaces the time that is expected of stages; see run/expected-work.ts. */
    expect: timeline.expect,
    /** Name of the metric that training loops report. */
    metric,
    /** Returns the progress listener of a training loop, or of one of several loops of a stage. */
    fitting:
      (stage: Stage, loop = 0, loops = 1) =>
      (p: Progress) => {
        // The job's events have the epochs of an earlier run already.
        if (p.epochEnd?.isPast) return;
        const within = (loop + p.fraction) / loops;
        if (p.epochs === 0) return send(stage, within);
        send(stage, within, {
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
