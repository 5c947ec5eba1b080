import { setTimeout } from 'node:timers/promises';
import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { PopularityDefinition } from '../../domain/data/popularity.ts';
import { type PopularitySource, refreshPopularity } from '../../store/data/refresh-popularity.ts';

interface KeepDeps {
  store: PopularitySource;
  definition: PopularityDefinition;
  logger: Logger;
  now: () => number;
  signal: AbortSignal;
  intervalMs?: number;
}

const INTERVAL_MS = 5_000;

/** Counts anew what is popular whenever that is due, until the signal. Of several workers one at a time does it. */
export async function keepPopularity(deps: KeepDeps): Promise<void> {
  const { store, definition, logger, now, signal, intervalMs = INTERVAL_MS } = deps;
  while (!signal.aborted) {
    try {
      await refreshPopularity(store, definition, now(), signal);
    } catch (error) {
      if (!signal.aborted)
        logger.warn({ reason: messageOf(error) }, 'popularity could not be counted; it is tried again');
    }
    await setTimeout(intervalMs, undefined, { signal, ref: false }).catch(() => {});
  }
}
