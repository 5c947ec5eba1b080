import type { CurveReport } from '../../domain/reports/curve-report.ts';
import type { Progress } from '../../tensor/train/progress.ts';

/** The place of a training loop in its job. */
export interface LoopPlace {
  stage: string;
  /** Which of the stage's loops it is, from 0, and how many there are. */
  loop: number;
  loops: number;
  /** Name of the metric by which it is validated. */
  metric: string;
}

/** Keeps the end of every epoch of every training loop of a job, for its report. */
export function createCurves() {
  const curves: CurveReport[] = [];

  /** Returns a listener to one loop, or to several that a stage runs one after the other. */
  function listen({ stage, loop, loops, metric }: LoopPlace): (progress: Progress) => void {
    let curve: CurveReport | undefined;
    return ({ epochEnd, epoch, losses, learningRate, metric: value, model }) => {
      if (!epochEnd) return;
      const last = curve?.points.at(-1);
      // A loop begins with epoch 1, also one that goes on from a checkpoint: it tells of its earlier epochs first.
      if (!curve || !last || epoch <= last.epoch) {
        const label = model ?? (loops > 1 ? `${loop + 1} of ${loops}` : undefined);
        curve = { stage, ...(label && { model: label }), points: [] };
        curves.push(curve);
      }
      if (value !== undefined) curve.metric = metric;
      const before = curve === undefined || epoch <= (last?.epoch ?? 0) ? 0 : (last?.seconds ?? 0);
      curve.points.push({
        epoch,
        seconds: Math.round((before + epochEnd.seconds) * 1000) / 1000,
        losses,
        ...(value !== undefined && { metric: value }),
        ...(learningRate > 0 && { learningRate }),
      });
    };
  }

  return { listen, all: (): CurveReport[] => curves };
}

/** Ranking for a user costs about as much as a training step with one. */
const MEASURED_SHARE = 0.08;

/**
 * Returns the number of users on whom a model that nothing is validated by is measured after every epoch, so that the measurement
 * costs less than a tenth of the epoch.
 * @param learned users that the epoch goes over
 */
export function measuredUsers(learned: number): number {
  return Math.max(1, Math.floor(MEASURED_SHARE * learned));
}
