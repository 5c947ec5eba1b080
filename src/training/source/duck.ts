import type { DuckDBConnection, DuckDBDataChunk, DuckDBValue } from '@duckdb/node-api';

/** A DuckDB of one job: its tables lie in a folder, and its memory is limited. */
export interface Duck {
  run(sql: string): Promise<void>;
  /** The first row, as plain values: whole numbers beyond 32 bits as numbers too. */
  row(sql: string): Promise<unknown[]>;
  /** All rows of a small answer. */
  rows(sql: string): Promise<unknown[][]>;
  /** Parts of an answer of any length. */
  stream(sql: string): AsyncGenerator<DuckDBDataChunk>;
  /** Adds whole numbers to a table of one column. */
  append(table: string, keys: Iterable<number>): Promise<void>;
  close(): void;
}

interface DuckOptions {
  /** Tables and what does not fit into memory. */
  folder: string;
  memoryMiB: number;
  threads: number;
}

/** The library is loaded by jobs that need it. */
export async function openDuck({ folder, memoryMiB, threads }: DuckOptions): Promise<Duck> {
  const { DuckDBInstance } = await import('@duckdb/node-api');
  const instance = await DuckDBInstance.create(`${folder}/work.duckdb`, {
    memory_limit: `${memoryMiB}MiB`,
    threads: String(threads),
    temp_directory: folder,
    // Nothing is looked up or loaded from elsewhere.
    autoinstall_known_extensions: 'false',
    autoload_known_extensions: 'false',
  });
  const connection: DuckDBConnection = await instance.connect();
  const rows = async (sql: string) =>
    (await connection.runAndReadAll(sql)).getRows().map((row) => row.map(plain));
  return {
    async run(sql) {
      await connection.run(sql);
    },
    rows,
    row: async (sql) => (await rows(sql))[0]!,
    async *stream(sql) {
      // A connection has one answer at a time: a second one would silently end the first.
      const own = await instance.connect();
      try {
        const result = await own.stream(sql);
        for (;;) {
          const chunk = await result.fetchChunk();
          if (!chunk || chunk.rowCount === 0) return;
          yield chunk;
        }
      } finally {
        own.closeSync();
      }
    },
    async append(table, keys) {
      const appender = await connection.createAppender(table);
      for (const key of keys) {
        appender.appendInteger(key);
        appender.endRow();
      }
      appender.closeSync();
    },
    close() {
      connection.closeSync();
      instance.closeSync();
    },
  };
}

const plain = (value: DuckDBValue): unknown => (typeof value === 'bigint' ? Number(value) : value);
