import { setTimeout } from 'node:timers/promises';
import { keepAt } from '../../core/keep-at.ts';
import type { Logger } from '../../core/logger.ts';
import type { DeletionStore } from '../../store/data/contract.ts';

const DAY_MS = 86_400_000;
/** A step holds other writers up for some milliseconds; between two they have their turn. */
const STEP_ROWS = 1_000;
const PAUSE_MS = 50;
const INTERVAL_MS = 3_600_000;
/** All caches of histories are emptied by it. */
const TELL_MS = 5_000;

interface RetentionDeps {
  deletions: Pick<DeletionStore, 'expire'>;
  retainDays: number;
  logger: Logger;
  now: () => number;
  signal: AbortSignal;
  /** Histories have changed: called while and after rows are deleted, not for each step. */
  onDeleted(): void;
  intervalMs?: number;
}

/** Deletes interactions that have grown older than so many days, now and every hour, until the signal. */
export async function keepRetention(deps: RetentionDeps): Promise<void> {
  const { logger, signal, intervalMs = INTERVAL_MS } = deps;
  const expire = async () => {
    const deleted = await expireAll(deps);
    if (deleted > 0) logger.info({ deleted, retainDays: deps.retainDays }, 'old interactions are deleted');
  };
  await keepAt(expire, {
    ...{ signal, intervalMs },
    onFailure: (reason) =>
      logger.warn({ reason }, 'old interactions could not be deleted; it is tried again'),
  });
}

async function expireAll({ deletions, retainDays, now, signal, onDeleted }: RetentionDeps): Promise<number> {
  const before = now() - retainDays * DAY_MS;
  let deleted = 0;
  let told = 0;
  let toldAt = performance.now();
  const tell = () => {
    if (deleted > told) onDeleted();
    told = deleted;
    toldAt = performance.now();
  };
  try {
    while (!signal.aborted) {
      const step = await deletions.expire(before, STEP_ROWS);
      deleted += step;
      if (step < STEP_ROWS) break;
      if (performance.now() - toldAt > TELL_MS) tell();
      await pause(PAUSE_MS, signal);
    }
  } finally {
    tell();
  }
  return deleted;
}

async function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  await setTimeout(milliseconds, undefined, { signal, ref: false }).catch(() => {});
}
