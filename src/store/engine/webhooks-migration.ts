/** Webhooks and what is to be sent to them; alike in both dialects. */
export const WEBHOOKS = `
  CREATE TABLE webhooks (
    id TEXT PRIMARY KEY,
    created_at INTEGER NOT NULL,
    url TEXT NOT NULL,
    kinds TEXT,
    models TEXT,
    -- As it was sealed; see core/secrets.ts.
    secret TEXT NOT NULL,
    enabled INTEGER NOT NULL,
    disabled_because TEXT,
    failures INTEGER NOT NULL DEFAULT 0
  ) STRICT, WITHOUT ROWID;
  CREATE TABLE webhook_deliveries (
    id TEXT PRIMARY KEY,
    webhook_id TEXT NOT NULL REFERENCES webhooks ON DELETE CASCADE,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at INTEGER NOT NULL,
    state TEXT NOT NULL DEFAULT 'pending',
    attempts INTEGER NOT NULL DEFAULT 0,
    -- When it may be tried; while it is being tried, when it counts as lost.
    next_at INTEGER NOT NULL,
    last_at INTEGER,
    status INTEGER,
    error TEXT
  ) STRICT, WITHOUT ROWID;
  CREATE INDEX webhook_deliveries_due ON webhook_deliveries (next_at) WHERE state = 'pending';
  CREATE INDEX webhook_deliveries_of ON webhook_deliveries (webhook_id, created_at, id);
  CREATE INDEX webhook_deliveries_over ON webhook_deliveries (created_at) WHERE state <> 'pending';
`;
