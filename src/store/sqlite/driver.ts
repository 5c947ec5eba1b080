import {
  type CompiledQuery,
  type DatabaseConnection,
  type Driver,
  Kysely,
  type QueryResult,
  SqliteAdapter,
  SqliteIntrospector,
  SqliteQueryCompiler,
} from 'kysely';
import type { Schema } from '../schema.ts';
import { type Connection, untilFree } from './connection.ts';

/**
 * Kysely over one connection that we own. Kysely's own SQLite driver would prepare every statement anew, begin
 * transactions that fail when they turn from reading to writing, and keep the connection from the hot paths.
 */
export function createKysely(connection: Connection): Kysely<Schema> {
  return new Kysely<Schema>({
    dialect: {
      createAdapter: () => new SqliteAdapter(),
      createDriver: () => createDriver(connection),
      createIntrospector: (db) => new SqliteIntrospector(db),
      createQueryCompiler: () => new SqliteQueryCompiler(),
    },
  });
}

function createDriver(connection: Connection): Driver {
  const shared: DatabaseConnection = {
    executeQuery: <R>(query: CompiledQuery) => untilFree(() => execute<R>(connection, query)),
    streamQuery: () => unsupported(),
  };
  return {
    init: async () => {},
    acquireConnection: async () => shared,
    beginTransaction: unsupported,
    commitTransaction: unsupported,
    rollbackTransaction: unsupported,
    releaseConnection: async () => {},
    destroy: async () => {},
  };
}

function execute<R>(connection: Connection, query: CompiledQuery): QueryResult<R> {
  const statement = connection.statement(query.sql);
  if (statement.reader) return { rows: statement.all(...query.parameters) as R[] };
  const { changes } = statement.run(...query.parameters);
  return { rows: [], numAffectedRows: BigInt(changes) };
}

function unsupported(): never {
  throw new Error("Transactions go through the engine's write()");
}
