import type { ModelValidation } from '../../src/teacher/contract.ts';
import type { Progress } from '../../src/tensor/progress.ts';
import type { EpochResult, PhaseResult } from './result.ts';

/** Takes the time of a training's epochs from outside: from what it reports and from the validations it asks for. */
export function createPhaseClock(batchSize: number) {
  const started = performance.now();
  const epochs: EpochResult[] = [];
  let steps = 0;
  let firstStep: number | undefined;
  let epochStart = 0;
  let validating = 0;

  function onProgress(progress: Progress): void {
    const now = performance.now();
    steps = progress.steps;
    firstStep ??= now;
    epochStart ||= now;
    if (progress.step < steps) return;
    // The first report comes after the first step, so the first epoch is timed from there.
    const timedSteps = progress.epoch === 1 ? steps - 1 : steps;
    const msPerStep = (now - epochStart - validating) / timedSteps;
    // The last step may be reported just before the epoch is: the later report stands.
    epochs[progress.epoch - 1] = {
      seconds: (msPerStep * steps) / 1000,
      validationSeconds: validating / 1000,
      msPerStep,
      rssMiB: rssMiB(),
    };
  }

  return {
    onProgress(progress: Progress): void {
      if (epochs.length > 0 && progress.epoch > epochs.length && progress.step < progress.steps && validating >= 0)
        startEpoch(progress);
      onProgress(progress);
    },
    result: (): PhaseResult => ({
      batchSize,
      steps,
      setupSeconds: ((firstStep ?? started) - started) / 1000,
      epochs,
    }),
  };

  function startEpoch(_: Progress) {}
}
export function rssMiB(): number {
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
}
