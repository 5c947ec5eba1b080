/** How models are watched, and what was found; alike in both dialects. */
export const DRIFT = `
  CREATE TABLE drift_settings (
    model TEXT PRIMARY KEY,
    settings TEXT NOT NULL,
    -- The job to start as schedules keep one; null for none, or for one like that of the live version.
    job TEXT,
    key_id TEXT,
    next_at INTEGER NOT NULL,
    -- Grows with every step: two processes that both want the next one differ in nothing else.
    revision INTEGER NOT NULL DEFAULT 0,
    -- While a check runs: when its worker counts as lost.
    claimed_until INTEGER,
    drifted INTEGER NOT NULL DEFAULT 0,
    last_job TEXT,
    last_job_at INTEGER
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE drift_checks (
    id TEXT PRIMARY KEY,
    model TEXT NOT NULL,
    at INTEGER NOT NULL,
    state TEXT NOT NULL,
    result TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX drift_checks_model ON drift_checks (model, at, id);
`;
