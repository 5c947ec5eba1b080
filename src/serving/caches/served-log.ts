import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { Click, Served, ServedStore } from '../../store/registry/contract.ts';

/**
 * Writes down a sample of what was recommended, and the interactions that name a recommendation, so that click-through
 * can be compared between versions. Never in the way of an answer: rows wait here and go to the database together;
 * what does not fit in the waiting room is not sampled.
 */
export interface ServedLog {
  /** True for a recommendation of the sample; every process answers the same for an id. */
  isSampled(recommendationId: string): boolean;
  note(served: Served): void;
  click(clicks: readonly Click[]): void;
  /** Writes what waits. Never rejects. */
  flush(): Promise<void>;
  close(): Promise<void>;
}

interface ServedLogDeps {
  store: Pick<ServedStore, 'record' | 'click'>;
  logger: Logger;
  /** Share of recommendations, 0 to 1. */
  sample: number;
  flushMs?: number;
}

/** Recommendations kept in the database. */
const KEPT = 100_000;
const LONGEST_WAIT = 10_000;

export function createServedLog({ store, logger, sample, flushMs = 1000 }: ServedLogDeps): ServedLog {
  let served: Served[] = [];
  let clicks: Click[] = [];
  /** Clicks of the flush before: another process may have written their recommendations only since. */
  let elder: Click[] = [];
  let running: Promise<void> = Promise.resolve();
  const firstOut = Math.floor(sample * 2 ** 32)
    .toString(16)
    .padStart(8, '0');
  const timer = setInterval(() => void flush(false), flushMs);
  timer.unref();

  async function write(isLast: boolean): Promise<void> {
    const [newServed, due] = [served, isLast ? [...elder, ...clicks] : elder];
    elder = isLast ? [] : clicks;
    served = [];
    clicks = [];
    try {
      if (newServed.length > 0) await store.record(newServed, KEPT);
      if (due.length > 0) await store.click(due);
    } catch (error) {
      logger.warn({ reason: messageOf(error) }, 'served recommendations are not recorded; serving goes on');
    }
  }

  function flush(isLast: boolean): Promise<void> {
    running = running.then(() => write(isLast));
    return running;
  }

  return {
    // The last eight digits of a random UUID are a random number.
    isSampled: (id) => sample >= 1 || id.slice(-8) < firstOut,
    note(row) {
      if (served.length < LONGEST_WAIT) served.push(row);
    },
    click(rows) {
      for (const row of rows) if (clicks.length < LONGEST_WAIT) clicks.push(row);
    },
    flush: () => flush(true),
    async close() {
      clearInterval(timer);
      await flush(true);
    },
  };
}
