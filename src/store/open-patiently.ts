import { setTimeout as sleep } from 'node:timers/promises';
import { AppError } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { createStore } from './create-store.ts';
import type { Store } from './store.ts';

const PATIENCE_MS = 60_000;
const PAUSE_MS = 1_000;

/**
 * Opens the database of a process that starts, and waits a minute for a PostgreSQL that is not there yet: it may be starting too, or
 * change places with its stand-by. A SQLite file that cannot be opened is no better in a minute.
 * @throws problem('store-unavailable') that names the server and the reason
 */
export async function openPatiently(
  databaseUrl: string,
  logger: Logger,
  { patienceMs = PATIENCE_MS, pauseMs = PAUSE_MS, open = createStore } = {},
): Promise<Store> {
  const deadline = performance.now() + patienceMs;
  for (let isFirst = true; ; isFirst = false) {
    try {
      const store = await open(databaseUrl, logger);
      if (!isFirst) logger.info('the database is there');
      return store;
    } catch (error) {
      const isAway = error instanceof AppError && error.code === 'store-unavailable';
      if (!isAway || !/^postgres/.test(databaseUrl) || performance.now() + pauseMs > deadline) throw error;
      if (isFirst) logger.warn({ reason: error.detail }, 'the database is away; this process waits for it');
      await sleep(pauseMs);
    }
  }
}
