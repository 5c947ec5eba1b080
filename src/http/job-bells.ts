import type { Signal } from '../jobs/contract.ts';
import type { JobQueue } from './deps.ts';

/** Rings when something about one job changed, or when the time is up. */
export interface Bell {
  /** Returns at once when it rang since the last wait. */
  wait(ms: number): Promise<void>;
  release(): void;
}

export interface JobBells {
  listen(jobId: string): Bell;
  /** Wakes everybody for good. */
  close(): void;
  closed(): boolean;
}

/** However many clients listen to jobs, there is one subscription. */
export function createJobBells(signals: JobQueue['signals']): JobBells {
  const ringers = new Map<string, Set<() => void>>();
  let isClosed = false;
  const unsubscribe = signals.subscribe((signal: Signal) => {
    if (!('jobId' in signal)) return;
    for (const ring of ringers.get(signal.jobId) ?? []) ring();
  });

  return {
    listen(jobId) {
      const { bell, ring } = createBell(() => isClosed);
      const forJob = ringers.get(jobId) ?? new Set();
      ringers.set(jobId, forJob.add(ring));
      return {
        ...bell,
        release() {
          forJob.delete(ring);
          if (forJob.size === 0 && ringers.get(jobId) === forJob) ringers.delete(jobId);
          ring();
        },
      };
    },
    close() {
      isClosed = true;
      unsubscribe();
      for (const forJob of ringers.values()) for (const ring of forJob) ring();
    },
    closed: () => isClosed,
  };
}

function createBell(isClosed: () => boolean) {
  let rang = false;
  let wake: (() => void) | null = null;
  const ring = () => {
    rang = true;
    wake?.();
  };
  const wait = async (ms: number) => {
    if (!rang && !isClosed()) {
      await new Promise<void>((resolve) => {
        const timer = setTimeout(resolve, ms);
        wake = () => {
          clearTimeout(timer);
          resolve();
        };
      });
      wake = null;
    }
    rang = false;
  };
  return { bell: { wait }, ring };
}
