import { setImmediate as breathe } from 'node:timers/promises';
import { problem } from '../../core/errors.ts';
import type { Sliced } from '../../core/slices.ts';
import type { TrainingContext } from '../contract.ts';

/**
 * Progress of a model that is computed and not trained. Both functions let signals in and end the work when it was cancelled.
 * @throws problem('cancelled')
 */
export function createSteps({ onProgress, signal }: TrainingContext, total: number) {
  const started = performance.now();
  let done = 0;
  async function report(parts: number): Promise<void> {
    const elapsed = (performance.now() - started) / 1000;
    onProgress({
      epoch: 1,
      epochs: 1,
      step: Math.floor(parts),
      steps: total,
      losses: {},
      learningRate: 0,
      fraction: parts / total,
      etaSeconds: parts > 0 ? (elapsed * (total - parts)) / parts : 0,
      ...(parts === total && { epochEnd: { seconds: elapsed } }),
    });
    await breathe();
    if (signal.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
  }
  return {
    /** Reports one more of `total` parts as done. */
    step(): Promise<void> {
      done = Math.min(total, done + 1);
      return report(done);
    },
    /** Reports a share, below 1, of the part at work. */
    within: (share: number): Promise<void> => report(Math.min(done + share, total)),
  };
}

/** Runs sliced work of about so many slices as one part: each slice reports its share. The part itself is left to step(). */
export async function runAsPart<T>(
  work: Sliced<T>,
  slices: number,
  { within }: ReturnType<typeof createSteps>,
): Promise<T> {
  try {
    for (let slice = 1; ; slice++) {
      const { done, value } = work.next();
      if (done) return value;
      await within(slice / (slices + 1));
    }
  } finally {
    // Where it was cancelled between two slices, what the work holds is released.
    work.return(undefined as never);
  }
}
