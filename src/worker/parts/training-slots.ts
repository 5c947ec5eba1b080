import type { Work } from '../queue/runner.ts';

/** Places for trainers of one worker, which its own trainings and parts of others share. */
export interface TrainingSlots {
  most: number;
  /** Takes one for a training of this worker, whose lane sees to it that there is one. */
  enter(): void;
  /** False where all are taken. */
  take(): boolean;
  release(): void;
  isFull(): boolean;
  /** Has this called when the worker stops. */
  onStop(end: () => void): void;
  stop(): void;
}

export function createTrainingSlots(most: number): TrainingSlots {
  let taken = 0;
  let isStopping = false;
  const ends: (() => void)[] = [];
  return {
    most,
    enter() {
      taken++;
    },
    take() {
      if (isStopping || taken >= most) return false;
      taken++;
      return true;
    },
    release() {
      taken--;
    },
    isFull: () => taken >= most,
    onStop(end) {
      if (isStopping) end();
      else ends.push(end);
    },
    stop() {
      isStopping = true;
      for (const end of ends) end();
    },
  };
}

/** Wraps trainings, so that their places are counted. */
export const withSlot =
  (slots: Pick<TrainingSlots, 'enter' | 'release'>, work: Work): Work =>
  async (job, context) => {
    slots.enter();
    try {
      return await work(job, context);
    } finally {
      slots.release();
    }
  };
