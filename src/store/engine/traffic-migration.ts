import { forPostgres, type Migration } from './migration.ts';

const TABLES = `
  CREATE TABLE traffic (
    model TEXT PRIMARY KEY,
    traffic TEXT NOT NULL,
    -- running, ended, or removed by somebody.
    state TEXT NOT NULL,
    -- Counting begins here, or when stable moved last.
    began_at INTEGER NOT NULL,
    updated_at INTEGER NOT NULL,
    key_id TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE traffic_users (
    model TEXT NOT NULL,
    unit TEXT NOT NULL,
    epoch INTEGER NOT NULL,
    variant TEXT NOT NULL,
    -- What comes after that does not count.
    until INTEGER NOT NULL,
    served INTEGER NOT NULL,
    clicked INTEGER NOT NULL,
    conversions INTEGER NOT NULL,
    revenue REAL NOT NULL,
    PRIMARY KEY (model, unit)
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX traffic_users_unit ON traffic_users (unit);
  CREATE TABLE shadow_counts (
    model TEXT NOT NULL,
    version INTEGER NOT NULL,
    live_version INTEGER NOT NULL,
    counts TEXT NOT NULL,
    PRIMARY KEY (model, version, live_version)
  ) STRICT, WITHOUT ROWID;
  ALTER TABLE served ADD COLUMN unit TEXT;
  ALTER TABLE served ADD COLUMN variant TEXT;
  ALTER TABLE served ADD COLUMN epoch INTEGER;
  CREATE INDEX served_unit ON served (unit) WHERE unit IS NOT NULL;
  ALTER TABLE served_clicks ADD COLUMN value REAL;
  ALTER TABLE served_clicks ADD COLUMN conversion INTEGER NOT NULL DEFAULT 0;
`;

/** Traffic between versions, counts of users under hashes, and the secret of the installation that the hashes are made with. */
export const TRAFFIC: Migration = {
  sqlite: `${TABLES}
    INSERT INTO meta (key, value) VALUES ('unit_salt', lower(hex(randomblob(16))));`,
  postgres: `${forPostgres(TABLES)}
    INSERT INTO meta (key, value) VALUES ('unit_salt', replace(gen_random_uuid()::text, '-', ''));`,
};
