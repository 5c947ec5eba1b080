import Database from 'better-sqlite3';
import { type AppError, problem } from '../../core/errors.ts';

const REASONS: readonly (readonly [prefix: string, reason: string])[] = [
  ['SQLITE_BUSY', 'it is locked by another process; try again'],
  ['SQLITE_LOCKED', 'it is locked by another process; try again'],
  ['SQLITE_READONLY', 'it is read-only: make the file and its folder writable for this process'],
  ['SQLITE_FULL', 'the disk is full'],
  ['SQLITE_CANTOPEN', 'it cannot be opened: check that its folder exists and is writable for this process'],
  ['SQLITE_PERM', 'this process may not open it'],
  ['SQLITE_AUTH', 'this process may not open it'],
  ['SQLITE_NOTADB', 'the file is not a SQLite database'],
  ['SQLITE_CORRUPT', 'the file is damaged'],
  ['SQLITE_IOERR', 'reading or writing the file failed'],
  ['SQLITE_NOMEM', 'there is not enough memory'],
];

/**
 * The one place where errors of the driver are told apart. What the database cannot do now becomes
 * problem('store-unavailable'); anything else (a broken constraint, wrong SQL) is a bug of ours and stays as it is.
 */
export function toStoreError(error: unknown): unknown {
  const reason = reasonOf(error);
  return reason === undefined ? error : unavailable(reason, error);
}

export function isBusy(error: unknown): boolean {
  return error instanceof Database.SqliteError && /^SQLITE_(BUSY|LOCKED)/.test(error.code);
}

export function isReadOnly(error: unknown): boolean {
  return error instanceof Database.SqliteError && error.code.startsWith('SQLITE_READONLY');
}

export function unavailable(reason: string, cause?: unknown): AppError {
  return problem('store-unavailable', `The database is not usable: ${reason}`, {}, cause);
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof Database.SqliteError) {
    return REASONS.find(([prefix]) => error.code.startsWith(prefix))?.[1];
  }
  const closed = error instanceof TypeError && error.message === 'The database connection is not open';
  return closed ? 'this process has closed it' : undefined;
}
