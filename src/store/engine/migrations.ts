/**
 * One step of the schema. A text is SQLite's and is translated for Postgres by `forPostgres`; where that is not enough
 * an entry says both.
 */
export type Migration = string | { sqlite: string; postgres: string };

const DATA_SQLITE = `
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
`;

// Keys are integers of 32 bits: training holds them in Int32Arrays. No foreign keys from the rows of interactions:
// each would cost a lookup and a lock per row, and all writers go through this store.
const DATA_POSTGRES = `
  CREATE TABLE meta (key TEXT PRIMARY KEY, value TEXT NOT NULL);
  INSERT INTO meta VALUES ('items_revision', '0');

  CREATE TABLE types (type_key INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY, type TEXT NOT NULL UNIQUE);
  CREATE TABLE users (
    user_key INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    user_id TEXT NOT NULL UNIQUE,
    features TEXT
  );
  CREATE TABLE items (
    item_key INTEGER GENERATED ALWAYS AS IDENTITY PRIMARY KEY,
    item_id TEXT NOT NULL UNIQUE,
    in_catalogue SMALLINT NOT NULL DEFAULT 0,
    title TEXT,
    categories TEXT NOT NULL DEFAULT '[]',
    labels TEXT NOT NULL DEFAULT '[]',
    features TEXT NOT NULL DEFAULT '{}',
    hidden SMALLINT NOT NULL DEFAULT 0,
    available_from BIGINT,
    available_until BIGINT,
    interactions BIGINT NOT NULL DEFAULT 0
  );
  CREATE INDEX items_popularity ON items (interactions DESC, item_key);
  CREATE INDEX items_restricted ON items (item_key)
    WHERE hidden = 1 OR available_from IS NOT NULL OR available_until IS NOT NULL;

  CREATE SEQUENCE interactions_seq;
  CREATE TABLE interactions (
    seq BIGINT PRIMARY KEY DEFAULT nextval('interactions_seq'),
    timestamp BIGINT,
    value DOUBLE PRECISION,
    user_key INTEGER NOT NULL,
    item_key INTEGER NOT NULL,
    type_key INTEGER NOT NULL,
    event_id TEXT
  );
  CREATE UNIQUE INDEX interactions_event ON interactions (event_id) WHERE event_id IS NOT NULL;
  CREATE UNIQUE INDEX interactions_natural
    ON interactions (user_key, item_key, type_key, (coalesce(timestamp, -1))) WHERE event_id IS NULL;
  CREATE INDEX interactions_history ON interactions (user_key, timestamp DESC NULLS LAST, seq DESC);
`;

const JOBS_AND_MODELS = `
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
`;

/** Forward only: a released migration is never edited, a new one goes to the end. */
const MIGRATIONS: readonly Migration[] = [
  {
    sqlite: DATA_SQLITE + JOBS_AND_MODELS,
    postgres: DATA_POSTGRES + forPostgres(JOBS_AND_MODELS),
  },
  `
  CREATE TABLE workers (
    id TEXT PRIMARY KEY,
    started_at INTEGER NOT NULL,
    seen_at INTEGER NOT NULL,
    info TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  {
    sqlite: `
      -- Everything since a time, in a stable order; SQLite adds seq to every index.
      CREATE INDEX interactions_time ON interactions (timestamp);
      ${tombstones('INTEGER', 'ifnull(timestamp, -1)', ' STRICT')}`,
    postgres: `
      CREATE INDEX interactions_time ON interactions (timestamp, seq);
      ${tombstones('BIGINT', '(coalesce(timestamp, -1))', '')}`,
  },
  `
  ALTER TABLE jobs ADD COLUMN last_log INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN priority INTEGER NOT NULL DEFAULT 0;
  ALTER TABLE jobs ADD COLUMN not_before INTEGER;
  ALTER TABLE jobs ADD COLUMN retried_from TEXT;
  ALTER TABLE jobs ADD COLUMN key_id TEXT;
  ALTER TABLE jobs ADD COLUMN exclusive TEXT;
  ALTER TABLE jobs ADD COLUMN waits_for TEXT;
  CREATE INDEX jobs_exclusive ON jobs (exclusive, state);
  CREATE INDEX jobs_waits_for ON jobs (waits_for);
  CREATE TABLE job_logs (
    job_id TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    level TEXT NOT NULL,
    message TEXT NOT NULL,
    PRIMARY KEY (job_id, seq)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE job_counters (
    name TEXT NOT NULL,
    label TEXT NOT NULL,
    value REAL NOT NULL,
    PRIMARY KEY (name, label)
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE idempotency_keys (
    scope TEXT NOT NULL,
    key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    job_id TEXT,
    PRIMARY KEY (scope, key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX idempotency_age ON idempotency_keys (created_at);
  `,
  `
  ALTER TABLE jobs ADD COLUMN schedule_id TEXT;
  CREATE TABLE schedules (
    id TEXT PRIMARY KEY,
    name TEXT,
    created_at INTEGER NOT NULL,
    cron TEXT,
    time_zone TEXT,
    after_interactions INTEGER,
    job TEXT NOT NULL,
    paused INTEGER NOT NULL DEFAULT 0,
    revision INTEGER NOT NULL DEFAULT 0,
    next_at INTEGER,
    counted_from INTEGER NOT NULL,
    last_job TEXT,
    last_at INTEGER,
    skip TEXT,
    key_id TEXT
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE rules (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    rule TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE served (
    id TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    at INTEGER NOT NULL,
    items TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX served_model ON served (model, version);
  CREATE INDEX served_at ON served (at);
  CREATE TABLE served_clicks (
    served_id TEXT NOT NULL REFERENCES served ON DELETE CASCADE,
    item_id TEXT NOT NULL,
    type TEXT NOT NULL,
    at INTEGER NOT NULL,
    PRIMARY KEY (served_id, item_id, type)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE import_rejects (
    job_id TEXT NOT NULL REFERENCES jobs ON DELETE CASCADE,
    line INTEGER NOT NULL,
    reason TEXT NOT NULL,
    text TEXT NOT NULL,
    PRIMARY KEY (job_id, line)
  ) STRICT, WITHOUT ROWID;
  `,
  `
  CREATE TABLE external_teachers (
    name TEXT PRIMARY KEY,
    teacher TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  `,
  {
    // The same rule with the time first: events come in the order of time, so that new ones land side by side and not
    // on a page each.
    sqlite: `
      DROP INDEX interactions_natural;
      CREATE UNIQUE INDEX interactions_natural
        ON interactions (ifnull(timestamp, -1), user_key, item_key, type_key) WHERE event_id IS NULL;`,
    postgres: `
      DROP INDEX interactions_natural;
      CREATE UNIQUE INDEX interactions_natural
        ON interactions ((coalesce(timestamp, -1)), user_key, item_key, type_key) WHERE event_id IS NULL;`,
  },
];

/**
 * What was deleted on purpose: the same event sent again, late or in a retry, stays deleted. Rows without a time and
 * without an event id leave none, because to send such a row again is to do it again.
 */
function tombstones(integer: string, time: string, end: string): string {
  return `
      CREATE TABLE tombstones (
        user_key ${integer} NOT NULL,
        item_key ${integer} NOT NULL,
        type_key ${integer} NOT NULL,
        timestamp ${integer},
        event_id TEXT,
        deleted_at ${integer} NOT NULL
      )${end};
      CREATE UNIQUE INDEX tombstones_event ON tombstones (event_id) WHERE event_id IS NOT NULL;
      CREATE UNIQUE INDEX tombstones_natural
        ON tombstones (user_key, item_key, type_key, ${time}) WHERE event_id IS NULL;
      CREATE TABLE deletions (
        id TEXT PRIMARY KEY,
        at ${integer} NOT NULL,
        what TEXT NOT NULL,
        interactions ${integer} NOT NULL
      )${end};
      CREATE INDEX deletions_at ON deletions (at, id);`;
}

export const SCHEMA_VERSION = MIGRATIONS.length;

/** The statements that lead from a version to this program's. */
export function migrationsAfter(version: number, engine: 'sqlite' | 'postgres'): string[] {
  return MIGRATIONS.slice(version).map((step) => {
    if (typeof step !== 'string') return step[engine];
    return engine === 'postgres' ? forPostgres(step) : step;
  });
}

/** Why a database of that version cannot be used, or null when it can. */
export function newerSchema(found: number): string | null {
  if (found <= SCHEMA_VERSION) return null;
  return `its schema has version ${found}, this program knows versions up to ${SCHEMA_VERSION}; start a newer Stillhouse`;
}

/** SQLite's integers have 64 bits. What it has no word for (identity columns, NULLS LAST) takes an entry with both. */
function forPostgres(sql: string): string {
  return sql
    .replace(/\bINTEGER\b/g, 'BIGINT')
    .replace(/\bREAL\b/g, 'DOUBLE PRECISION')
    .replace(/\bBLOB\b/g, 'BYTEA')
    .replace(/\)\s*STRICT(,\s*WITHOUT ROWID)?\s*;/g, ');');
}
