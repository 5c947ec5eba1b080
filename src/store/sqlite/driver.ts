import {
  type CompiledQuery,
  type Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteQueryCompiler,
} from 'kysely';
import { createKysely } from '../engine/kysely.ts';
import type { Schema } from '../engine/schema.ts';
import { type Connection, untilFree } from './connection.ts';

/** Kysely over one connection, whose prepared statements it shares with the hot paths. */
export function createSqliteKysely(connection: Connection): Kysely<Schema> {
  const dialect = { adapter: new SqliteAdapter(), compiler: new SqliteQueryCompiler() };
  return createKysely(dialect, (query) => untilFree(() => execute(connection, query), connection.busyMs));
}

function execute<R>(connection: Connection, query: CompiledQuery): QueryResult<R> {
  const statement = connection.statement(query.sql);
  if (statement.reader) return { rows: statement.all(...query.parameters) as R[] };
  const { changes } = statement.run(...query.parameters);
  return { rows: [], numAffectedRows: BigInt(changes) };
}
