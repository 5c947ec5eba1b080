import type { Signal } from '../../jobs/contract.ts';
import type { JobQueue } from '../deps.ts';

/** Rings when something about one job may have changed: at a signal, and every so often without one. */
export interface Bell {
  /** Returns at once when it rang since the last wait, and after the time when it does not ring. */
  wait(ms: number): Promise<void>;
  /** The number of rings for this job so far: what was read before the last one may be stale. */
  rings(): number;
  release(): void;
}

export interface JobBells {
  listen(jobId: string): Bell;
  /** Wakes everybody for good. */
  close(): void;
  closed(): boolean;
}

interface Belfry {
  ringers: Set<() => void>;
  rings: number;
  timer: NodeJS.Timeout;
}

/** However many clients listen, there is one subscription, and one timer per job that is listened to. */
export function createJobBells(signals: JobQueue['signals'], pollMs: number): JobBells {
  const belfries = new Map<string, Belfry>();
  let isClosed = false;
  const ring = (belfry: Belfry | undefined) => {
    if (!belfry) return;
    belfry.rings++;
    for (const ringOne of belfry.ringers) ringOne();
  };
  const unsubscribe = signals.subscribe((signal: Signal) => {
    if ('jobId' in signal) ring(belfries.get(signal.jobId));
  });

  function belfryOf(jobId: string): Belfry {
    const known = belfries.get(jobId);
    if (known) return known;
    const timer = setInterval(() => ring(belfries.get(jobId)), pollMs);
    timer.unref();
    const belfry: Belfry = { ringers: new Set(), rings: 0, timer };
    belfries.set(jobId, belfry);
    return belfry;
  }

  return {
    listen(jobId) {
      const belfry = belfryOf(jobId);
      const { wait, ring: ringOne } = createBell(() => isClosed);
      belfry.ringers.add(ringOne);
      return {
        wait,
        rings: () => belfry.rings,
        release() {
          belfry.ringers.delete(ringOne);
          if (belfry.ringers.size === 0) {
            clearInterval(belfry.timer);
            if (belfries.get(jobId) === belfry) belfries.delete(jobId);
          }
          ringOne();
        },
      };
    },
    close() {
      isClosed = true;
      unsubscribe();
      for (const belfry of belfries.values()) {
        clearInterval(belfry.timer);
        ring(belfry);
      }
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
  return { wait, ring };
}
