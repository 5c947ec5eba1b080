import type pg from 'pg';
import { migrationsAfter, newerSchema, SCHEMA_VERSION } from '../engine/migrations.ts';
import { unavailable } from './errors.ts';

/** Names of our advisory locks; any numbers that nobody else uses in this database. */
const SCHEMA_LOCK = 7_234_561;
export const WRITER_LOCK = 7_234_562;

const OLDEST_SERVER = 140_000;

/** Brings the database to this program's schema. Of two processes that start at once the second finds it done. */
export async function migrate(client: pg.PoolClient): Promise<void> {
  await refuseOldServer(client);
  if ((await schemaVersion(client)) === SCHEMA_VERSION) return;
  await client.query(`BEGIN; SELECT pg_advisory_xact_lock(${SCHEMA_LOCK})`);
  const version = await schemaVersion(client);
  for (const sql of migrationsAfter(version, 'postgres')) await client.query(sql);
  await client.query(
    `INSERT INTO meta VALUES ('schema_version', $1) ON CONFLICT (key) DO UPDATE SET value = excluded.value`,
    [String(SCHEMA_VERSION)],
  );
  await client.query('COMMIT');
}

/** 0 for an empty database. */
async function schemaVersion(client: pg.PoolClient): Promise<number> {
  // Not to_regclass: it remembers that there was no such table, although another process has made it meanwhile.
  const { rowCount } = await client.query(
    "SELECT FROM pg_class WHERE relname = 'meta' AND pg_table_is_visible(oid)",
  );
  if (rowCount === 0) return 0;
  const { rows } = await client.query<{ value: string }>(
    "SELECT value FROM meta WHERE key = 'schema_version'",
  );
  const version = Number(rows[0]?.value ?? 0);
  const reason = newerSchema(version);
  if (reason !== null) throw unavailable(reason);
  return version;
}

async function refuseOldServer(client: pg.PoolClient): Promise<void> {
  const { rows } = await client.query<{ version: number }>(
    "SELECT current_setting('server_version_num')::int AS version",
  );
  const { version } = rows[0]!;
  if (version < OLDEST_SERVER) {
    throw unavailable(`it is PostgreSQL ${Math.floor(version / 10_000)}; 14 or newer is needed`);
  }
}
