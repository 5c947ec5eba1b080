import fs from 'node:fs';
import path from 'node:path';
import type Database from 'better-sqlite3';
import { AppError, messageOf, problem } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import type { InteractionBatch } from '../data/batch.ts';
import { SCHEMA_VERSION } from '../engine/migrations.ts';
import type { SqlEngine } from '../engine/schema.ts';
import { createTurns } from '../engine/turns.ts';
import type { ServedStore } from '../registry/contract.ts';
import { type Connection, inTransaction, openConnection, untilFree } from './connection.ts';
import { createSqliteKysely } from './driver.ts';
import { isBusy, isReadOnly, unavailable } from './errors.ts';
import { createIngestWriter } from './ingest-writer.ts';
import { migrate, refuseNewer, schemaVersion } from './migrate.ts';

export interface SqliteEngine extends SqlEngine {
  /** The connection of the hot paths' own statements. In WAL mode it reads on while anyone writes. */
  reader: Connection;
  writer: Connection;
  /** Stores a batch in a thread. @returns as insertBatch */
  add(batch: InteractionBatch): Promise<Uint8Array>;
  /** Writes recommendations and clicks in the same thread. */
  served: Pick<ServedStore, 'record' | 'click'>;
  /** Runs `PRAGMA integrity_check`, which reads the whole file, and answers with its findings. */
  faults(): string[];
  /** One more connection for a long read; the caller closes it. */
  openReader(): Connection;
  close(): Promise<void>;
}

/** @throws problem('store-unavailable') that names the file and the reason */
export async function openSqlite(
  file: string,
  now: () => number,
  logger?: Logger,
  busyMs?: number,
): Promise<SqliteEngine> {
  try {
    makeFolder(path.dirname(file));
    const writer = await untilFree(() => openConnection(file, false, busyMs));
    await untilFree(() => bringUpToDate(writer, logger));
    const reader = await untilFree(() => openConnection(file, true, busyMs));
    return createSqliteEngine(file, { writer, reader }, now);
  } catch (error) {
    if (!(error instanceof AppError)) throw error;
    throw problem(error.code, `${file}: ${error.detail}`, error.extra, error.cause);
  }
}

interface Connections {
  writer: Connection;
  reader: Connection;
}

function createSqliteEngine(file: string, connections: Connections, now: () => number): SqliteEngine {
  const { writer, reader } = connections;
  const ingestWriter = createIngestWriter(file, undefined, writer.busyMs);
  const inTurn = createTurns();
  const writerKysely = createSqliteKysely(writer);
  return {
    reads: createSqliteKysely(reader),
    reader,
    writer,
    now,
    add: (batch) => inTurn(() => ingestWriter.add(batch)),
    served: {
      record: (served, limit) => inTurn(() => ingestWriter.record(served, limit)),
      click: (clicks) => inTurn(() => ingestWriter.click(clicks, now())),
    },
    write: (body) => inTurn(() => inTransaction(writer, () => body(writerKysely))),
    faults: () => faultsOf(reader.database),
    openReader: () => openConnection(file, true, reader.busyMs),
    async close() {
      await ingestWriter.close();
      for (const { database } of [reader, writer]) database.close();
    },
  };
}

function faultsOf(database: Database.Database): string[] {
  const rows = database.pragma('integrity_check') as { integrity_check: string }[];
  return rows.map((row) => row.integrity_check).filter((fault) => fault !== 'ok');
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
