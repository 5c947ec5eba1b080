import {
  type CompiledQuery,
  type DatabaseConnection,
  type Dialect,
  type DialectAdapter,
  Kysely,
  type QueryCompiler,
  type QueryResult,
  SqliteIntrospector,
} from 'kysely';
import type { Schema } from './schema.ts';

export type RunQuery = <R>(query: CompiledQuery) => Promise<QueryResult<R>>;

/**
 * Kysely builds the SQL and we run it: connections, transactions and the meaning of errors stay with the engine.
 * Kysely's own drivers would begin transactions without our lock and throw errors that nobody has mapped.
 */
export function createKysely(
  dialect: { adapter: DialectAdapter; compiler: QueryCompiler },
  run: RunQuery,
): Kysely<Schema> {
  const connection: DatabaseConnection = { executeQuery: run, streamQuery: () => unsupported() };
  const ours: Dialect = {
    createAdapter: () => dialect.adapter,
    createDriver: () => ({
      init: async () => {},
      acquireConnection: async () => connection,
      beginTransaction: unsupported,
      commitTransaction: unsupported,
      rollbackTransaction: unsupported,
      releaseConnection: async () => {},
      destroy: async () => {},
    }),
    // Nothing asks for it: the schema is what the migrations say.
    createIntrospector: (db) => new SqliteIntrospector(db),
    createQueryCompiler: () => dialect.compiler,
  };
  return new Kysely<Schema>({ dialect: ours });
}

function unsupported(): never {
  throw new Error("Transactions go through the engine's write()");
}
