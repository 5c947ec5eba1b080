import type Database from 'better-sqlite3';
import { migrationsAfter, newerSchema, SCHEMA_VERSION } from '../engine/migrations.ts';
import { unavailable } from './errors.ts';

export function schemaVersion(database: Database.Database): number {
  return database.pragma('user_version', { simple: true }) as number;
}

/** Brings the database to this program's schema. Of two processes that start at once the second finds it done. */
export function migrate(database: Database.Database): void {
  refuseNewer(database);
  if (schemaVersion(database) === SCHEMA_VERSION) return;
  database
    .transaction(() => {
      refuseNewer(database);
      for (const sql of migrationsAfter(schemaVersion(database), 'sqlite')) database.exec(sql);
      database.pragma(`user_version = ${SCHEMA_VERSION}`);
    })
    .exclusive();
}

export function refuseNewer(database: Database.Database): void {
  const reason = newerSchema(schemaVersion(database));
  if (reason !== null) throw unavailable(reason);
}
