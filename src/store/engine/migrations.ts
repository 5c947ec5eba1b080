import { CONSUMERS } from './consumers-migration.ts';
import { DRIFT } from './drift-migration.ts';
import { FIRST_MIGRATION } from './first-migration.ts';
import { KEYS } from './keys-migration.ts';
import { forPostgres, type Migration } from './migration.ts';
import { NOTICES } from './notices-migration.ts';
import { PLANS } from './plans-migration.ts';
import { RELEASES } from './releases-migration.ts';
import { TRACES } from './traces-migration.ts';
import { TRAFFIC } from './traffic-migration.ts';
import { WEBHOOKS } from './webhooks-migration.ts';

const EVENT_TYPES = `
  CREATE TABLE event_types (
    type TEXT PRIMARY KEY,
    meaning TEXT NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;`;

/** Key of one event: lines of an order differ in their items, and events without a time are told apart by nothing. */
const ONE_EVENT = `
  DROP INDEX interactions_event;
  CREATE UNIQUE INDEX interactions_event
    ON interactions (event_id, user_key, item_key, type_key) WHERE event_id IS NOT NULL;
  DROP INDEX tombstones_event;
  CREATE UNIQUE INDEX tombstones_event
    ON tombstones (event_id, user_key, item_key, type_key) WHERE event_id IS NOT NULL;
  DROP INDEX interactions_natural;`;

// Long because nothing ever leaves the list.
/** Forward only: a released migration is never edited, a new one goes to the end. */
const MIGRATIONS: readonly Migration[] = [
  FIRST_MIGRATION,
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
  `
  CREATE TABLE popularity (
    generation INTEGER NOT NULL,
    item_key INTEGER NOT NULL,
    score REAL NOT NULL,
    users INTEGER NOT NULL,
    recent INTEGER NOT NULL,
    past INTEGER NOT NULL,
    trend REAL NOT NULL,
    PRIMARY KEY (generation, item_key)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX popularity_score ON popularity (generation, score DESC, item_key);
  CREATE INDEX popularity_trend ON popularity (generation, trend DESC, item_key) WHERE trend > 0;
  -- When an item first came into the catalogue; not known of those of before.
  ALTER TABLE items ADD COLUMN added_at INTEGER;
  CREATE INDEX items_latest ON items (coalesce(available_from, added_at, 0) DESC, item_key DESC) WHERE in_catalogue = 1;
  -- When an alias first pointed at a version of the model: the first that went live stays the default.
  ALTER TABLE aliases ADD COLUMN created_at INTEGER NOT NULL DEFAULT 0;
  UPDATE aliases SET created_at =
    (SELECT min(v.created_at) FROM model_versions v WHERE v.model = aliases.model);
  `,
  {
    sqlite: `
      ${EVENT_TYPES}
      ALTER TABLE interactions ADD COLUMN received INTEGER NOT NULL DEFAULT 0;
      ALTER TABLE interactions ADD COLUMN context TEXT;
      ${ONE_EVENT}
      CREATE UNIQUE INDEX interactions_natural
        ON interactions (ifnull(timestamp, -1), user_key, item_key, type_key) WHERE event_id IS NULL AND received = 0;`,
    postgres: `
      ${forPostgres(EVENT_TYPES)}
      ALTER TABLE interactions ADD COLUMN received SMALLINT NOT NULL DEFAULT 0;
      ALTER TABLE interactions ADD COLUMN context TEXT;
      ${ONE_EVENT}
      CREATE UNIQUE INDEX interactions_natural
        ON interactions ((coalesce(timestamp, -1)), user_key, item_key, type_key) WHERE event_id IS NULL AND received = 0;`,
  },
  `
  CREATE TABLE serving_policies (
    model TEXT PRIMARY KEY,
    policy TEXT NOT NULL,
    updated_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  -- Users who became another one, so that a second merge is known, and both are erased together.
  CREATE TABLE merged_users (
    user_id TEXT PRIMARY KEY,
    into_id TEXT NOT NULL,
    merged_at INTEGER NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX merged_users_into ON merged_users (into_id);
  CREATE INDEX items_unlisted ON items (item_key) WHERE in_catalogue = 0 AND hidden = 0;
  ${RELEASES}  `,
  KEYS,
  NOTICES,
  WEBHOOKS,
  TRAFFIC,
  PLANS,
  DRIFT,
  CONSUMERS,
  TRACES,
];

/**
 * Marks of what was deleted on purpose: the same event sent again, late or in a retry, stays deleted. Rows without a time and
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
