import type { ModelValidation } from '../../src/teacher/contract.ts';
import type { Progress } from '../../src/tensor/train/progress.ts';
import type { EpochResult, PhaseResult } from './result.ts';

/** Takes the time of a training's epochs from outside: from what it reports and from the validations it asks for. */
export function createPhaseClock(batchSize: number) {
  const created = performance.now();
  const epochs: EpochResult[] = [];
  let steps = 0;
  let setupSeconds = 0;
  let epoch = 0;
  /** When the epoch's steps began; of the first epoch, when its first step was done. */
  let opened = 0;
  /** Of the report before this one. */
  let last = 0;
  let validationMs = 0;

  return {
    onProgress(progress: Progress): void {
      const now = performance.now();
      if (progress.epoch > epoch) {
        if (epoch === 0) setupSeconds = (now - created) / 1000;
        opened = epoch === 0 ? now : last;
        epoch = progress.epoch;
        validationMs = 0;
      }
      last = now;
      steps = progress.steps;
      if (progress.step < steps) return;
      // An end may be reported twice, by the last step and after the validation: the later report stands.
      const msPerStep = (now - opened - validationMs) / (epoch === 1 ? steps - 1 : steps);
      epochs[epoch - 1] = {
        seconds: (msPerStep * steps) / 1000,
        validationSeconds: validationMs / 1000,
        msPerStep,
        rssMiB: rssMiB(),
      };
    },

    /** The same validation, with its time kept apart from that of the steps. */
    watch(validation: ModelValidation | undefined): ModelValidation | undefined {
      return (
        validation && {
          ...validation,
          async metric(scores) {
            const started = performance.now();
            const metric = await validation.metric(scores);
            validationMs += performance.now() - started;
            return metric;
          },
        }
      );
    },

    result: (): PhaseResult => ({ batchSize, steps, setupSeconds, epochs }),
  };
}

export function rssMiB(): number {
  return Math.round(process.memoryUsage.rss() / 2 ** 20);
}
