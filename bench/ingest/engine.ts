import { statSync } from 'node:fs';
import path from 'node:path';
import Database from 'better-sqlite3';
import pg from 'pg';
import { startTestPostgres } from '../../test/helpers/postgres.ts';

export type EngineName = 'sqlite' | 'postgres';

export interface BenchEngine {
  databaseUrl: string;
  version: string;
  /** What the data takes on disk, indexes and all, once the log is written back. */
  bytesOnDisk(): Promise<number>;
  close(): Promise<void>;
}

export async function openBenchEngine(name: EngineName, folder: string): Promise<BenchEngine> {
  return name === 'sqlite' ? sqlite(path.join(folder, 'stillhouse.db')) : postgres();
}

function sqlite(file: string): BenchEngine {
  return {
    databaseUrl: `sqlite:${file}`,
    version: `SQLite ${new Database(':memory:').prepare('SELECT sqlite_version()').pluck().get()}`,
    async bytesOnDisk() {
      const database = new Database(file);
      database.pragma('wal_checkpoint(TRUNCATE)');
      database.close();
      return statSync(file).size;
    },
    async close() {},
  };
}

/** A private server with its default settings, and with fsync. */
async function postgres(): Promise<BenchEngine> {
  const server = await startTestPostgres({ durable: true });
  const databaseUrl = await server.createDatabase();
  const ask = async (text: string) => {
    const client = new pg.Client({ connectionString: databaseUrl });
    await client.connect();
    const { rows } = await client.query({ text, rowMode: 'array' });
    await client.end();
    return rows[0]![0];
  };
  return {
    databaseUrl,
    version: String(await ask("SELECT 'PostgreSQL ' || current_setting('server_version')")),
    bytesOnDisk: async () => Number(await ask('SELECT pg_database_size(current_database())')),
    close: () => server.close(),
  };
}
