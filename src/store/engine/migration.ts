/**
 * One step of the schema. A text is SQLite's and is translated for Postgres by `forPostgres`; where that is not enough
 * an entry says both.
 */
export type Migration = string | { sqlite: string; postgres: string };

/**
 * SQLite's SQL in Postgres' words, whose integers need 64 bits too. What SQLite has no word for (identity columns,
 * NULLS LAST) takes an entry with both.
 */
export function forPostgres(sql: string): string {
  return sql
    .replace(/\bINTEGER\b/g, 'BIGINT')
    .replace(/\bREAL\b/g, 'DOUBLE PRECISION')
    .replace(/\bBLOB\b/g, 'BYTEA')
    .replace(/\)\s*STRICT(,\s*WITHOUT ROWID)?\s*;/g, ');');
}
