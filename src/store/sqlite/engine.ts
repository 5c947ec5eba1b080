import fs from 'node:fs';
import path from 'node:path';
import type Database from 'better-sqlite3';
import { AppError, messageOf, problem } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { SCHEMA_VERSION } from '../migrations.ts';
import type { Engine } from '../schema.ts';
import { createTurns } from '../turns.ts';
import { type Connection, openConnection, openIngestConnection, untilFree } from './connection.ts';
import { createSqliteKysely } from './driver.ts';
import { isBusy, isReadOnly, toStoreError, unavailable } from './errors.ts';
import { migrate, refuseNewer, schemaVersion } from './migrate.ts';

export interface SqliteEngine extends Engine {
  /** For the hot paths' own statements. In WAL mode it reads on while anyone writes. */
  reader: Connection;
  writer: Connection;
  /** Like `write`, on the connection that is for adding interactions. */
  ingest<T>(body: (connection: Connection) => T): Promise<T>;
  /** One more connection for a long read; the caller closes it. */
  openReader(): Connection;
  close(): void;
}

/** @throws problem('store-unavailable') that names the file and the reason */
export async function openEngine(file: string, now: () => number, logger?: Logger): Promise<SqliteEngine> {
  try {
    makeFolder(path.dirname(file));
    const writer = await untilFree(() => openConnection(file, false));
    await untilFree(() => bringUpToDate(writer, logger));
    const reader = await untilFree(() => openConnection(file, true));
    return createEngine(
      file,
      { writer, reader, ingester: await untilFree(() => openIngestConnection(file)) },
      now,
    );
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw problem(error.code, `${file}: ${error.detail}`, error.extra, error.cause);
  }
}

interface Connections {
  writer: Connection;
  reader: Connection;
  ingester: Connection;
}

function createEngine(file: string, connections: Connections, now: () => number): SqliteEngine {
  const { writer, reader, ingester } = connections;
  const inTurn = createTurns();
  const writerKysely = createSqliteKysely(writer);
  /** The body must wait for nothing but the database. */
  const exclusive = <T>({ statement, database }: Connection, body: () => T | Promise<T>): Promise<T> =>
    inTurn(async () => {
      // IMMEDIATE: a transaction that starts by reading fails without waiting when it comes to write.
      await untilFree(() => statement('BEGIN IMMEDIATE').run());
      try {
        const result = await body();
        statement('COMMIT').run();
        return result;
      } catch (error) {
        // On a full disk SQLite has rolled back by itself.
        if (database.inTransaction) statement('ROLLBACK').run();
        throw toStoreError(error);
      }
    });
  return {
    reads: createSqliteKysely(reader),
    reader,
    writer,
    now,
    ingest: (body) => exclusive(ingester, () => body(ingester)),
    write: (body) => exclusive(writer, () => body(writerKysely)),
    openReader: () => openConnection(file, true),
    close() {
      for (const { database } of [reader, ingester, writer]) database.close();
    },
  };
}

/** A file that cannot be written is served for reading when its schema is the right one. */
function bringUpToDate({ database }: Connection, logger?: Logger): void {
  try {
    refuseNewer(database);
    database.pragma('journal_mode = WAL');
    migrate(database);
    if (logger) tryToWrite(database);
  } catch (error) {
    if (!isReadOnly(error)) throw error;
    if (schemaVersion(database) < SCHEMA_VERSION) {
      throw unavailable('it is read-only and its tables must be created or brought up to date first', error);
    }
    logger?.warn('the database is read-only: reading goes on, writing is refused');
  }
}

/** SQLite begins a transaction on a read-only file without a word; only a real write tells. */
function tryToWrite(database: Database.Database): void {
  try {
    database.exec("BEGIN IMMEDIATE; UPDATE meta SET value = value WHERE key = 'items_revision'");
  } catch (error) {
    if (!isBusy(error)) throw error;
  } finally {
    if (database.inTransaction) database.exec('ROLLBACK');
  }
}

function makeFolder(folder: string): void {
  try {
    fs.mkdirSync(folder, { recursive: true });
  } catch (error) {
    throw unavailable(`its folder cannot be created (${messageOf(error)})`, error);
  }
}
