import type Database from 'better-sqlite3';
import { unavailable } from './errors.ts';

/** Forward only: a released migration is never edited, a new one goes to the end. */
const MIGRATIONS: readonly string[] = [
  `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL) STRICT, WITHOUT ROWID;
  INSERT INTO meta VALUES ('items_revision', '0');

  CREATE TABLE types (type_key INTEGER PRIMARY KEY, type TEXT NOT NULL UNIQUE) STRICT;
  CREATE TABLE users (user_key INTEGER PRIMARY KEY, user_id TEXT NOT NULL UNIQUE, features TEXT) STRICT;
  CREATE TABLE items (
    item_key INTEGER PRIMARY KEY,
    item_id TEXT NOT NULL UNIQUE,
    in_catalogue INTEGER NOT NULL DEFAULT 0,
    title TEXT,
    categories TEXT NOT NULL DEFAULT '[]',
    labels TEXT NOT NULL DEFAULT '[]',
    features TEXT NOT NULL DEFAULT '{}',
    hidden INTEGER NOT NULL DEFAULT 0,
    available_from INTEGER,
    available_until INTEGER,
    interactions INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX items_popularity ON items (interactions);
  CREATE INDEX items_restricted ON items (item_key)
    WHERE hidden = 1 OR available_from IS NOT NULL OR available_until IS NOT NULL;

  CREATE TABLE interactions (
    seq INTEGER PRIMARY KEY,
    user_key INTEGER NOT NULL REFERENCES users,
    item_key INTEGER NOT NULL REFERENCES items,
    type_key INTEGER NOT NULL REFERENCES types,
    value REAL,
    timestamp INTEGER,
    event_id TEXT
  ) STRICT;
  -- The dedupe rule. To SQL two NULLs differ; here two interactions without a time are the same one.
  CREATE UNIQUE INDEX interactions_event ON interactions (event_id) WHERE event_id IS NOT NULL;
  CREATE UNIQUE INDEX interactions_natural
    ON interactions (user_key, item_key, type_key, ifnull(timestamp, -1)) WHERE event_id IS NULL;
  -- A user's newest N: read backwards, NULLs end up last. SQLite adds seq to every index.
  CREATE INDEX interactions_history ON interactions (user_key, timestamp);

  CREATE TABLE jobs (
    id TEXT PRIMARY KEY,
    type TEXT NOT NULL,
    state TEXT NOT NULL,
    model TEXT,
    spec TEXT NOT NULL,
    attempts INTEGER NOT NULL DEFAULT 0,
    created_at INTEGER NOT NULL,
    started_at INTEGER,
    finished_at INTEGER,
    progress TEXT,
    result TEXT,
    problem TEXT,
    last_event INTEGER NOT NULL DEFAULT 0
  ) STRICT;
  CREATE INDEX jobs_created ON jobs (created_at, id);
  CREATE INDEX jobs_state ON jobs (state, type);
  CREATE TABLE job_events (
    job_id TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    type TEXT NOT NULL,
    data TEXT NOT NULL,
    PRIMARY KEY (job_id, seq)
  ) STRICT, WITHOUT ROWID;

  CREATE TABLE model_versions (
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    job_id TEXT NOT NULL UNIQUE,
    created_at INTEGER NOT NULL,
    artifact TEXT NOT NULL,
    bytes INTEGER NOT NULL,
    items INTEGER NOT NULL,
    dimensions INTEGER NOT NULL,
    summary TEXT NOT NULL,
    PRIMARY KEY (model, version)
  ) STRICT;
  CREATE TABLE aliases (
    model TEXT NOT NULL,
    alias TEXT NOT NULL,
    version INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    PRIMARY KEY (model, alias),
    FOREIGN KEY (model, version) REFERENCES model_versions
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE workers (
    id TEXT PRIMARY KEY,
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    info TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
];

export const SCHEMA_VERSION = MIGRATIONS.length;

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
      for (const sql of MIGRATIONS.slice(schemaVersion(database))) database.exec(sql);
      database.pragma(`user_version = ${SCHEMA_VERSION}`);
    })
    .exclusive();
}

export function refuseNewer(database: Database.Database): void {
  const found = schemaVersion(database);
  if (found <= SCHEMA_VERSION) return;
  throw unavailable(
    `its schema has version ${found}, this program knows versions up to ${SCHEMA_VERSION}; start a newer Stillhouse`,
  );
}
