import { setImmediate as breathe } from 'node:timers/promises';
import { problem } from '../../core/errors.ts';
import type { TrainingContext } from '../contract.ts';

/**
 * Progress of a model that is computed and not trained: `step` reports one of `total` parts as done, lets signals in, and
 * ends the work when it was cancelled.
 */
export function createSteps({ onProgress, signal }: TrainingContext, total: number) {
  const started = performance.now();
  let done = 0;
  return async function step(): Promise<void> {
    done = Math.min(total, done + 1);
    const elapsed = (performance.now() - started) / 1000;
    onProgress({
      epoch: 1,
      epochs: 1,
      step: done,
      steps: total,
      losses: {},
      learningRate: 0,
      fraction: done / total,
      etaSeconds: (elapsed * (total - done)) / done,
      ...(done === total && { epochEnd: { seconds: elapsed } }),
    });
    await breathe();
    if (signal.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
  };
}
