import pg from 'pg';
import { AppError, messageOf, problem } from '../../core/errors.ts';

const REASONS: readonly (readonly [code: RegExp, reason: string])[] = [
  [/^08/, 'the connection to it broke'],
  [/^28/, 'it does not let this user in: check the user and the password in DATABASE_URL'],
  [/^3D000$/, 'there is no such database: create it, or correct DATABASE_URL'],
  [/^42501$/, 'this user may not do that: it needs the rights to create and change tables'],
  [/^53100$/, 'its disk is full'],
  [/^53200$/, 'it is out of memory'],
  [/^53300$/, 'it has no connection left; try again'],
  [/^53/, 'it lacks resources; try again'],
  [/^55P03$/, 'it is locked by another process; try again'],
  [/^57014$/, 'the query took too long; try again'],
  [/^57P/, 'it is starting or shutting down; try again'],
  [/^58/, 'it cannot read or write its files'],
  [/^25006$/, 'it is read-only (a standby?)'],
  [/^(40001|40P01)$/, 'another process changed the same rows; try again'],
  [/^25P03$/, 'it ended a transaction that had waited for too long; try again'],
];

/** Errors of the network, and of pg itself, which gives its own no code. */
const CONNECTION =
  /^(E[A-Z]+|.*(Connection terminated|timeout exceeded when trying to connect|not queryable|Client has encountered a connection error|socket).*)$/i;

/**
 * The one place where errors of the driver are told apart. What the database cannot do now becomes
 * problem('store-unavailable'); anything else (a broken constraint, wrong SQL) is a bug of ours and stays as it is.
 */
export function toStoreError(error: unknown): unknown {
  if (error instanceof AppError) return error;
  const reason = reasonOf(error);
  return reason === undefined ? error : unavailable(reason, error);
}

export function unavailable(reason: string, cause?: unknown): AppError {
  return problem('store-unavailable', `The database is not usable: ${reason}`, {}, cause);
}

function reasonOf(error: unknown): string | undefined {
  if (error instanceof pg.DatabaseError) {
    return REASONS.find(([code]) => code.test(error.code ?? ''))?.[1];
  }
  const code = (error as NodeJS.ErrnoException | undefined)?.code;
  if (messageOf(error).includes('after calling end on the pool')) return 'this process has closed it';
  if (typeof code === 'string' && CONNECTION.test(code)) return `it cannot be reached (${code})`;
  return CONNECTION.test(messageOf(error)) ? `the connection to it broke (${messageOf(error)})` : undefined;
}
