/** Deletion, tags, gates and lineage of versions, the moves of aliases, and settings of models; alike in both dialects. */
export const RELEASES = `
  -- A version that is deleted keeps its row, so that its number never means another one and lineage stays whole.
  ALTER TABLE model_versions ADD COLUMN deleted_at INTEGER;
  -- When its artifact was removed.
  ALTER TABLE model_versions ADD COLUMN collected_at INTEGER;
  ALTER TABLE model_versions ADD COLUMN release TEXT;
  ALTER TABLE model_versions ADD COLUMN contest TEXT;
  ALTER TABLE model_versions ADD COLUMN tags TEXT NOT NULL DEFAULT '[]';
  ALTER TABLE model_versions ADD COLUMN note TEXT;
  ALTER TABLE model_versions ADD COLUMN taught_by TEXT NOT NULL DEFAULT '[]';
  CREATE INDEX model_versions_contest ON model_versions (contest) WHERE contest IS NOT NULL;
  CREATE INDEX model_versions_deleted ON model_versions (deleted_at) WHERE deleted_at IS NOT NULL AND collected_at IS NULL;
  CREATE TABLE alias_moves (
    model TEXT NOT NULL,
    alias TEXT NOT NULL,
    seq INTEGER NOT NULL,
    at INTEGER NOT NULL,
    version INTEGER,
    action TEXT NOT NULL,
    key_id TEXT,
    job_id TEXT,
    reason TEXT,
    PRIMARY KEY (model, alias, seq)
  ) STRICT, WITHOUT ROWID;
  INSERT INTO alias_moves (model, alias, seq, at, version, action)
    SELECT model, alias, 1, updated_at, version, 'set' FROM aliases;
  CREATE TABLE model_settings (model TEXT PRIMARY KEY, keep_versions INTEGER) STRICT, WITHOUT ROWID;
`;
