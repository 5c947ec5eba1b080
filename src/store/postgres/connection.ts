import pg from 'pg';
import type { Logger } from '../../core/logger.ts';
import { toStoreError } from './errors.ts';

const MAX_CONNECTIONS = 10;
const CONNECT_TIMEOUT_MS = 5_000;
/** A server that is gone without a word must not hold requests for the minutes that TCP takes. */
const QUERY_TIMEOUT_MS = 60_000;

const INT8 = 20;
const NUMERIC = 1700;
/** pg gives both as text, because they can exceed a double; our times, counts and sums do not. */
const types: pg.CustomTypesConfig = {
  getTypeParser: (oid: number, format?: unknown) =>
    oid === INT8 || oid === NUMERIC ? Number : pg.types.getTypeParser(oid, format as 'text'),
};

export function createPool(url: string, logger?: Logger): pg.Pool {
  const pool = new pg.Pool({
    connectionString: url,
    max: MAX_CONNECTIONS,
    connectionTimeoutMillis: CONNECT_TIMEOUT_MS,
    keepAlive: true,
    application_name: 'stillhouse',
    query_timeout: QUERY_TIMEOUT_MS,
    // Ours, should this process hang: another one waits for the lock that the transaction holds.
    idle_in_transaction_session_timeout: QUERY_TIMEOUT_MS,
    types,
  });
  // Without a listener a connection that breaks while idle would end the process. The pool has dropped it already.
  pool.on('error', (error) => logger?.warn({ reason: error.message }, 'an idle database connection broke'));
  return pool;
}

/**
 * Runs the work on a connection of its own. One that an error came from is closed and not used again: nobody knows
 * what state it is in.
 */
export async function withClient<T>(pool: pg.Pool, work: (client: pg.PoolClient) => Promise<T>): Promise<T> {
  let client: pg.PoolClient | undefined;
  let failed = true;
  // Between two queries a broken connection tells by this event alone; the next query then says why.
  const ignore = () => {};
  try {
    client = await pool.connect();
    client.on('error', ignore);
    const result = await work(client);
    failed = false;
    return result;
  } catch (error) {
    throw toStoreError(error);
  } finally {
    client?.off('error', ignore);
    client?.release(failed);
  }
}
