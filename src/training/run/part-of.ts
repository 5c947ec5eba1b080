import { bareProgress } from '../../tensor/train/progress.ts';
import type { Fit } from './run.ts';

/**
 * The loop of a part of a stage: its progress fills the stage from one fraction to another.
 * @param model name of what is trained, for its curve in the report
 */
export function partOf<F extends Pick<Fit, 'onProgress'>>(
  fit: F,
  from: number,
  to: number,
  model?: string,
): F {
  return {
    ...fit,
    onProgress: (progress) =>
      fit.onProgress({
        ...progress,
        ...(model !== undefined && { model }),
        fraction: from + (to - from) * progress.fraction,
      }),
  };
}

/** Returns a listener to work that is no training: it is told the share that is done, which is from one fraction of the stage to another. */
export function tellPart({ onProgress }: Pick<Fit, 'onProgress'>, from: number, to: number) {
  return (done: number): void => onProgress(bareProgress(from + (to - from) * done));
}
