import type { Logger } from '../core/logger.ts';
import { createJobs } from './jobs.ts';
import { createModels } from './models.ts';
import { createCatalogue } from './sqlite/catalogue.ts';
import { untilFree } from './sqlite/connection.ts';
import { openEngine } from './sqlite/engine.ts';
import { createInteractions } from './sqlite/interactions.ts';
import type { Store } from './store.ts';
import { createWorkers } from './workers.ts';

/**
 * Opens the database, creating it or bringing its schema up to date first.
 * @param databaseUrl `sqlite:/absolute/file`
 * @throws problem('store-unavailable') that names the file and the reason
 */
export async function createStore(
  databaseUrl: string,
  logger?: Logger,
  now: () => number = Date.now,
): Promise<Store> {
  const file = /^sqlite:(.+)$/.exec(databaseUrl)?.[1];
  if (file === undefined)
    throw new Error('DATABASE_URL must be sqlite: and a path, as in sqlite:/data/stillhouse.db');
  const engine = await openEngine(file, now, logger);
  return {
    interactions: createInteractions(engine),
    catalogue: createCatalogue(engine),
    jobs: createJobs(engine),
    models: createModels(engine),
    workers: createWorkers(engine),
    async ping() {
      await untilFree(() => engine.reader.statement('SELECT value FROM meta LIMIT 1').get());
    },
    async close() {
      engine.close();
    },
  };
}
