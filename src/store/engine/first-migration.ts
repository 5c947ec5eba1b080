import { forPostgres } from './migration.ts';

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

export const FIRST_MIGRATION = {
  sqlite: DATA_SQLITE + JOBS_AND_MODELS,
  postgres: DATA_POSTGRES + forPostgres(JOBS_AND_MODELS),
};
