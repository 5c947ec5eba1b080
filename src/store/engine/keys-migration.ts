/** Keys made by POST /keys, the audit, and whom rejected lines speak of; alike in both dialects. */
export const KEYS = `
  CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    scopes TEXT NOT NULL,
    origins TEXT NOT NULL,
    -- Of the secret, which is nowhere.
    hash TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    created_by TEXT,
    expires_at INTEGER,
    rotated_at INTEGER,
    former_hash TEXT,
    former_until INTEGER,
    last_used_at INTEGER
  ) STRICT, WITHOUT ROWID;
  INSERT INTO meta (key, value) VALUES ('keys_revision', '0');
  CREATE TABLE audit (
    id TEXT PRIMARY KEY,
    at INTEGER NOT NULL,
    key_id TEXT,
    key_name TEXT,
    address TEXT,
    action TEXT NOT NULL,
    targets TEXT NOT NULL,
    -- Null for what a job did.
    status INTEGER,
    requests INTEGER NOT NULL,
    request_id TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX audit_at ON audit (at, id);
  CREATE INDEX audit_key ON audit (key_id, at, id);
  -- Whose line it was, where that could be read; null otherwise and for lines of before.
  ALTER TABLE import_rejects ADD COLUMN user_id TEXT;
  CREATE TABLE erased_users (pseudonym TEXT PRIMARY KEY, at INTEGER NOT NULL) STRICT, WITHOUT ROWID;
  CREATE INDEX import_rejects_user ON import_rejects (user_id) WHERE user_id IS NOT NULL;
`;

export interface KeyTable {
  id: string;
  name: string;
  /** JSON lists. */
  scopes: string;
  origins: string;
  hash: string;
  created_at: number;
  created_by: string | null;
  expires_at: number | null;
  rotated_at: number | null;
  former_hash: string | null;
  former_until: number | null;
  last_used_at: number | null;
}

export interface AuditTable {
  id: string;
  at: number;
  key_id: string | null;
  key_name: string | null;
  address: string | null;
  action: string;
  /** JSON object. */
  targets: string;
  status: number | null;
  requests: number;
  request_id: string | null;
}
