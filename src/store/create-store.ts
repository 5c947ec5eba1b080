import type { Logger } from '../core/logger.ts';
import { createAudit } from './audit/audit.ts';
import { createBackup } from './backup/backup.ts';
import { createConsumed } from './consumed/consumed.ts';
import { createCatalogue } from './data/catalogue.ts';
import { createDeletions } from './data/deletions.ts';
import { createEventTypes } from './data/event-types.ts';
import { createExports } from './data/exports.ts';
import { createInteractions, type InteractionPaths } from './data/interactions.ts';
import { createUsers } from './data/merge-users.ts';
import { createPopularity } from './data/popularity.ts';
import { createRejects } from './data/rejects.ts';
import { createDrift } from './drift/drift.ts';
import type { SqlEngine } from './engine/schema.ts';
import { createIdempotency } from './jobs/idempotency.ts';
import { createJobs } from './jobs/jobs.ts';
import { createSchedules } from './jobs/schedules.ts';
import { createSweep } from './jobs/sweep.ts';
import { createWorkers } from './jobs/workers.ts';
import { createKeys } from './keys/keys.ts';
import { createNotices } from './notices/notices.ts';
import { createWebhooks } from './notices/webhooks.ts';
import type { ServedStore } from './registry/contract.ts';
import { createExternalTeachers } from './registry/external-teachers.ts';
import { createModels } from './registry/models.ts';
import { createPolicies } from './registry/policies.ts';
import { createRules } from './registry/rules.ts';
import { createServed } from './registry/served.ts';
import { createTraffic } from './registry/traffic.ts';
import { openSqlite } from './sqlite/engine.ts';
import { createSqlitePaths } from './sqlite/interaction-paths.ts';
import type { Store } from './store.ts';

interface ClosableEngine extends SqlEngine, Pick<Store, 'connections'> {
  faults?(): string[];
  close(): void | Promise<void>;
}

/**
 * Opens the database, creating it or bringing its schema up to date first.
 * @param databaseUrl `sqlite:/absolute/file` or `postgres://user:password@host:5432/database`
 * @param busyMs how long a writer waits while another process holds the database; unset: the engine's default
 * @throws problem('store-unavailable') that names the file or server and the reason
 */
export async function createStore(
  databaseUrl: string,
  logger?: Logger,
  now: () => number = Date.now,
  busyMs?: number,
): Promise<Store> {
  if (/^postgres(ql)?:/.test(databaseUrl)) {
    // Its driver is loaded by those who have one.
    const [{ openPostgres }, { createPostgresPaths }] = await Promise.all([
      import('./postgres/engine.ts'),
      import('./postgres/interaction-paths.ts'),
    ]);
    const engine = await openPostgres(databaseUrl, now, logger, busyMs);
    return createTableGroups(engine, createPostgresPaths(engine));
  }
  const file = /^sqlite:(.+)$/.exec(databaseUrl)?.[1];
  if (file === undefined) {
    throw new Error(
      'DATABASE_URL must be postgres://user:password@host:5432/database, or sqlite: and a path, as in sqlite:/data/stillhouse.db',
    );
  }
  const engine = await openSqlite(file, now, logger, busyMs);
  return createTableGroups(engine, createSqlitePaths(engine), engine.served);
}

function createTableGroups(
  engine: ClosableEngine,
  paths: InteractionPaths,
  served?: Pick<ServedStore, 'record' | 'click'>,
): Store {
  return {
    interactions: createInteractions(engine, paths),
    catalogue: createCatalogue(engine),
    exports: createExports(engine),
    backup: createBackup(engine, paths),
    popularity: createPopularity(engine),
    deletions: createDeletions(engine),
    users: createUsers(engine),
    rejects: createRejects(engine),
    eventTypes: createEventTypes(engine),
    jobs: createJobs(engine),
    schedules: createSchedules(engine),
    notices: createNotices(engine),
    webhooks: createWebhooks(engine),
    drift: createDrift(engine),
    sweeps: createSweep(engine),
    consumed: createConsumed(engine, paths),
    models: createModels(engine),
    workers: createWorkers(engine),
    idempotency: createIdempotency(engine),
    rules: createRules(engine),
    policies: createPolicies(engine),
    externalTeachers: createExternalTeachers(engine),
    keys: createKeys(engine),
    audit: createAudit(engine),
    served: { ...createServed(engine), ...served },
    ...(engine.connections && { connections: engine.connections }),
    traffic: createTraffic(engine),
    async ping() {
      await engine.reads.selectFrom('meta').select('value').limit(1).execute();
    },
    faults: async () => engine.faults?.() ?? [],
    async close() {
      await engine.close();
    },
  };
}
