import type { JobProgress } from '../domain/job.ts';
import type { Progress } from '../tensor/progress.ts';

/** Stages with the share of the whole job that each takes, as measured with default settings. */
const STAGES = [
  { name: 'data', share: 0.02 },
  { name: 'teacher', share: 0.4 },
  { name: 'transfer', share: 0.02 },
  { name: 'distillation', share: 0.3 },
  { name: 'student-alone', share: 0.16 },
  { name: 'evaluation', share: 0.08 },
  { name: 'publishing', share: 0.02 },
] as const;

export type Stage = (typeof STAGES)[number]['name'];

/** Turns what a stage reports of itself into the progress of the whole job. */
export function createStageProgress(device: string, report: (progress: JobProgress) => void) {
  const started = performance.now();

  function send(stage: Stage, within: number, more: Partial<JobProgress> = {}): void {
    const index = STAGES.findIndex((s) => s.name === stage);
    const before = STAGES.slice(0, index).reduce((sum, s) => sum + s.share, 0);
    const fraction = Math.min(1, before + STAGES[index]!.share * within);
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
    /** For a training loop. */
    fitting: (stage: Stage) => (p: Progress) =>
      send(stage, p.fraction, {
        epoch: p.epoch,
        epochs: p.epochs,
        step: p.step,
        losses: p.losses,
        learningRate: p.learningRate,
        ...(p.metric === undefined ? {} : { metrics: { 'ndcg@10': p.metric } }),
      }),
  };
}

export type StageProgress = ReturnType<typeof createStageProgress>;
