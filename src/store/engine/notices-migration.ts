/** Notices of what happened to the installation; alike in both dialects. */
export const NOTICES = `
  CREATE TABLE notices (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    kind TEXT NOT NULL,
    model TEXT,
    version INTEGER,
    job_id TEXT,
    data TEXT NOT NULL
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX notices_at ON notices (at, id);
  CREATE INDEX notices_model ON notices (model, at, id);
`;
