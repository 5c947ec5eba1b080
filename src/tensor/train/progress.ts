export interface Progress {
  epoch: number;
  epochs: number;
  /** Step within the epoch. */
  step: number;
  steps: number;
  /** Losses of the last step, or at the end of an epoch their means over it. */
  losses: Record<string, number>;
  learningRate: number;
  metric?: number;
  /** Share of all epochs that is done, 0..1. */
  fraction: number;
  etaSeconds: number;
  /** Set at the end of an epoch, whose mean losses these are. */
  epochEnd?: EpochEnd;
  /** The model, where a listener hears of several, one after the other. */
  model?: string;
}

export interface EpochEnd {
  /** Time of the epoch's training steps. */
  seconds: number;
  /** True for an epoch of an earlier run, which is told again when training goes on from its checkpoint. */
  isPast?: true;
}

/** Makes the progress of work that is no training: it has 0 epochs. @param fraction share of it that is done */
export function bareProgress(fraction: number): Progress {
  const none = { epoch: 0, epochs: 0, step: 0, steps: 1, losses: {}, learningRate: 0 };
  return { ...none, fraction, etaSeconds: 0 };
}

type Now = Pick<Progress, 'epoch' | 'losses' | 'learningRate'>;

const INTERVAL_MS = 100;

/** Reports at most every 100 ms, plus at the end of each epoch. The estimate assumes that all steps take the same time. */
export function createProgress(
  report: ((progress: Progress) => void) | undefined,
  epochs: number,
  steps: number,
  epochsDone: number,
) {
  const started = performance.now();
  let last = Number.NEGATIVE_INFINITY;

  function send(now: Now & { step: number; metric?: number; epochEnd?: EpochEnd }): void {
    last = performance.now();
    const done = now.epoch - 1 + Math.min(1, now.step / steps);
    const perEpoch = (last - started) / 1000 / Math.max(done - epochsDone, 1e-9);
    const etaSeconds = Math.max(0, perEpoch * (epochs - done));
    report?.({ ...now, epochs, steps, fraction: Math.min(1, done / epochs), etaSeconds });
  }

  return {
    step(now: Now & { step: number }): void {
      if (report && performance.now() - last >= INTERVAL_MS) send(now);
    },
    epochEnd({ seconds, isPast, ...now }: Now & { metric?: number } & EpochEnd): void {
      if (report) send({ ...now, step: steps, epochEnd: { seconds, ...(isPast && { isPast }) } });
    },
  };
}
