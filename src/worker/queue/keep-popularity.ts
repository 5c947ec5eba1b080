import { keepAt } from '../../core/keep-at.ts';
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
  // What it answers says nothing about when it is due again.
  const count = async () => void (await refreshPopularity(store, definition, now(), signal));
  await keepAt(count, {
    ...{ signal, intervalMs },
    onFailure: (reason) => {
      if (!signal.aborted) logger.warn({ reason }, 'popularity could not be counted; it is tried again');
    },
  });
}
