import type { Fit } from './run.ts';

/** The loop of a part of a stage: its progress fills the stage from one fraction to another. */
export function partOf<F extends Pick<Fit, 'onProgress'>>(fit: F, from: number, to: number): F {
  return {
    ...fit,
    onProgress: (progress) =>
      fit.onProgress({ ...progress, fraction: from + (to - from) * progress.fraction }),
  };
}
