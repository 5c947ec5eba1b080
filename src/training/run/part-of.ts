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
