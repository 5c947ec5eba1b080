import { setTimeout } from 'node:timers/promises';
import {
  type CompiledQuery,
  type Kysely,
  PostgresAdapter,
  PostgresQueryCompiler,
  type QueryResult,
} from 'kysely';
import type pg from 'pg';
import { AppError, problem } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { createKysely } from '../engine/kysely.ts';
import type { Schema, SqlEngine } from '../engine/schema.ts';
import { createTurns } from '../engine/turns.ts';
import { createPool, withClient } from './connection.ts';
import { toStoreError } from './errors.ts';
import { migrate, WRITER_LOCK } from './migrate.ts';

export interface PostgresEngine extends SqlEngine {
  pool: pg.Pool;
  connections(): { open: number; idle: number; waiting: number };
  /** A `write` for bodies with SQL of their own. */
  exclusive<T>(body: (client: pg.PoolClient) => Promise<T>): Promise<T>;
  close(): Promise<void>;
}

/** The database server may be starting too, or start again. */
const PATIENCE_MS = 15_000;

/** How long a writer waits for those of other processes. */
const BUSY_MS = 10_000;

/** @throws problem('store-unavailable') that names the server and the reason */
export async function openPostgres(
  url: string,
  now: () => number,
  logger?: Logger,
  busyMs = BUSY_MS,
): Promise<PostgresEngine> {
  const pool = createPool(url, logger);
  try {
    await whenItAnswers(() => withClient(pool, migrate), logger);
    return createPostgresEngine(pool, now, busyMs);
  } catch (error) {
    await pool.end();
    if (!(error instanceof AppError)) throw error;
    throw problem(error.code, `${nameOf(url)}: ${error.detail}`, error.extra, error.cause);
  }
}

function createPostgresEngine(pool: pg.Pool, now: () => number, busyMs: number): PostgresEngine {
  // One writer at a time, over all processes, as on SQLite: so "the next version" and the like need no thought of
  // races, and batches that share new users cannot lock each other out. Readers never wait for it: within this process
  // writers wait before they take a connection.
  const inTurn = createTurns();
  const begin = `BEGIN; SET LOCAL lock_timeout = ${busyMs}; SELECT pg_advisory_xact_lock(${WRITER_LOCK})`;
  const exclusive = <T>(body: (client: pg.PoolClient) => Promise<T>): Promise<T> =>
    inTurn(() =>
      withClient(pool, async (client) => {
        await client.query(begin);
        try {
          const result = await body(client);
          await client.query('COMMIT');
          return result;
        } catch (error) {
          await client.query('ROLLBACK').catch(() => {});
          throw error;
        }
      }),
    );
  return {
    pool,
    connections: () => ({ open: pool.totalCount, idle: pool.idleCount, waiting: pool.waitingCount }),
    now,
    reads: createPostgresKysely(pool),
    exclusive,
    write: (body) => exclusive((client) => body(createPostgresKysely(client))),
    close: () => pool.end(),
  };
}

export function createPostgresKysely(queryable: Pick<pg.Pool, 'query'>): Kysely<Schema> {
  const dialect = { adapter: new PostgresAdapter(), compiler: new PostgresQueryCompiler() };
  return createKysely(dialect, (query) => execute(queryable, query));
}

async function execute<R>(queryable: Pick<pg.Pool, 'query'>, query: CompiledQuery): Promise<QueryResult<R>> {
  try {
    const { rows, rowCount } = await queryable.query(query.sql, query.parameters as unknown[]);
    return { rows, numAffectedRows: BigInt(rowCount ?? 0) };
  } catch (error) {
    throw toStoreError(error);
  }
}

/** Tries until the database answers; for work that nobody waits for within a request, and that may be done twice. */
export async function whenItAnswers<T>(work: () => Promise<T>, logger?: Logger): Promise<T> {
  const deadline = Date.now() + PATIENCE_MS;
  for (;;) {
    try {
      return await work();
    } catch (error) {
      const away =
        error instanceof AppError && /cannot be reached|starting or shutting|broke/.test(error.detail);
      if (!away || Date.now() > deadline) throw error;
      logger?.warn({ reason: error.detail }, 'waiting for the database');
      await setTimeout(500);
    }
  }
}

/** The address of the database without its password. */
function nameOf(url: string): string {
  if (!URL.canParse(url)) return 'DATABASE_URL';
  const { hostname, port, pathname } = new URL(url);
  return `${hostname || 'localhost'}${port ? `:${port}` : ''}${pathname}`;
}
