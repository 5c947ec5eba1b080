import type pg from 'pg';
import type { InteractionColumns, ReadOptions } from '../../domain/data/interaction-source.ts';
import type { ReadInteractions } from '../data/training-source.ts';
import type { SqlEngine } from '../engine/schema.ts';
import { withClient } from './connection.ts';
import { createPostgresKysely } from './engine.ts';
import { toStoreError } from './errors.ts';

const COLUMNS = 'user_key, item_key, type_key, value, timestamp';
const scanOf = (withContext: boolean) =>
  `SELECT ${COLUMNS}${withContext ? ', context' : ''} FROM interactions ORDER BY seq`;
type Row = [
  ...[user: number, item: number, type: number, value: number | null, timestamp: number | null],
  context?: string | null,
];

const CHUNK_ROWS = 16_384;

/** A transaction of its own sees one snapshot and blocks nobody. */
export async function readSnapshot<T>(
  pool: pg.Pool,
  read: (reads: SqlEngine['reads'], interactions: ReadInteractions) => Promise<T>,
): Promise<T> {
  return withClient(pool, async (client) => {
    await client.query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
    const result = await read(createPostgresKysely(client), (options) => readInteractions(client, options));
    await client.query('COMMIT');
    return result;
  });
}

/** One chunk of rows exists at a time. */
async function* readInteractions(
  client: pg.PoolClient,
  { chunkRows = CHUNK_ROWS, withContext = false }: ReadOptions = {},
): AsyncGenerator<InteractionColumns> {
  try {
    await client.query(`DECLARE scan NO SCROLL CURSOR FOR ${scanOf(withContext)}`);
    for (;;) {
      const { rows } = await client.query<Row>({ text: `FETCH ${chunkRows} FROM scan`, rowMode: 'array' });
      if (rows.length > 0) yield toColumns(rows, withContext);
      if (rows.length < chunkRows) break;
    }
  } catch (error) {
    throw toStoreError(error);
  } finally {
    // After an error the transaction refuses, and is over anyway.
    await client.query('CLOSE scan').catch(() => {});
  }
}

function toColumns(rows: readonly Row[], withContext: boolean): InteractionColumns {
  const length = rows.length;
  const columns = {
    length,
    userKey: new Int32Array(length),
    itemKey: new Int32Array(length),
    typeKey: new Int32Array(length),
    value: new Float64Array(length),
    timestamp: new Float64Array(length),
    ...(withContext && { context: rows.map((row) => row[5] ?? null) }),
  };
  for (let i = 0; i < length; i++) {
    const [user, item, type, value, timestamp] = rows[i]!;
    columns.userKey[i] = user;
    columns.itemKey[i] = item;
    columns.typeKey[i] = type;
    columns.value[i] = value ?? Number.NaN;
    columns.timestamp[i] = timestamp ?? Number.NaN;
  }
  return columns;
}
