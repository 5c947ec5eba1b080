import Database from 'better-sqlite3';
import { isBusy, toStoreError, unavailable } from './errors.ts';

export interface Connection {
  database: Database.Database;
  /** Prepared once per text. */
  statement(sql: string): Database.Statement;
  /** How long a call waits for other processes to let go of the database. */
  busyMs: number;
}

const MAX_WAIT_MS = 5_000;
/** SQLite itself waits by blocking the event loop, so it may only do so for a moment; `untilFree` waits the rest. */
const BLOCKING_WAIT_MS = 5;
/** How often it looks whether the database is free. */
export const MAX_PAUSE_MS = 10;
const MAX_STATEMENTS = 300;

/** Rows land at random places of the index of histories; pages that are in memory need not be read again for it. */
const INGEST_CACHE_KIB = 65_536;
/** Pages that a transaction leaves in the log before they are moved to the file; 64 MiB, the size that the log keeps. */
const INGEST_CHECKPOINT_PAGES = 16_384;

/**
 * Opens a connection for adding interactions, and nothing else: SQLite checks no references there, as the keys were looked up
 * in the same transaction.
 */
export function openIngestConnection(file: string, busyMs?: number): Connection {
  const connection = openConnection(file, false, busyMs);
  connection.database.pragma('foreign_keys = OFF');
  connection.database.pragma(`cache_size = -${INGEST_CACHE_KIB}`);
  connection.database.pragma(`wal_autocheckpoint = ${INGEST_CHECKPOINT_PAGES}`);
  return connection;
}

export function openConnection(file: string, readonly: boolean, busyMs = MAX_WAIT_MS): Connection {
  const database = new Database(file, { readonly, timeout: BLOCKING_WAIT_MS });
  const statements = new Map<string, Database.Statement>();
  // FULL: an acknowledged commit survives a power cut. NORMAL would only survive a crash of this process.
  database.pragma('synchronous = FULL');
  database.pragma('foreign_keys = ON');
  database.pragma('journal_size_limit = 67108864');
  return {
    database,
    busyMs,
    statement(sql) {
      let statement = statements.get(sql);
      if (statement === undefined) {
        if (statements.size >= MAX_STATEMENTS) statements.clear();
        statement = database.prepare(sql);
        statements.set(sql, statement);
      }
      return statement;
    },
  };
}

/** Tries until the database is free, waiting without blocking. Errors come out mapped. */
export async function untilFree<T>(attempt: () => T, maxWaitMs = MAX_WAIT_MS): Promise<T> {
  const deadline = Date.now() + maxWaitMs;
  for (let wait = 1; ; wait = Math.min(MAX_PAUSE_MS, wait * 2)) {
    try {
      return attempt();
    } catch (error) {
      if (!isBusy(error)) throw toStoreError(error);
      if (Date.now() >= deadline) {
        throw unavailable(`another process has held it for ${maxWaitMs} ms; try again`, error);
      }
    }
    await new Promise((resolve) => setTimeout(resolve, wait));
  }
}

/** The body must wait for nothing but the database. Errors come out mapped. */
export async function inTransaction<T>(
  { statement, database, busyMs }: Connection,
  body: () => T | Promise<T>,
): Promise<T> {
  // IMMEDIATE: a transaction that starts by reading fails without waiting when it comes to write.
  await untilFree(() => statement('BEGIN IMMEDIATE').run(), busyMs);
  try {
    const result = await body();
    statement('COMMIT').run();
    return result;
  } catch (error) {
    // On a full disk SQLite has rolled back by itself.
    if (database.inTransaction) statement('ROLLBACK').run();
    throw toStoreError(error);
  }
}
