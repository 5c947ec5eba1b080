import { setImmediate } from 'node:timers/promises';
import type { InteractionColumns, ReadOptions } from '../../domain/data/interaction-source.ts';
import type { ReadInteractions } from '../data/training-source.ts';
import type { SqlEngine } from '../engine/schema.ts';
import { type Connection, untilFree } from './connection.ts';
import { createSqliteKysely } from './driver.ts';
import type { SqliteEngine } from './engine.ts';
import { toStoreError } from './errors.ts';

const COLUMNS = 'user_key, item_key, type_key, value, timestamp';
const scanOf = (withContext: boolean) =>
  `SELECT ${COLUMNS}${withContext ? ', context' : ''} FROM interactions ORDER BY seq`;
type Row = [
  ...[user: number, item: number, type: number, value: number | null, timestamp: number | null],
  context?: string | null,
];

const CHUNK_ROWS = 16_384;

/** A transaction on a connection of its own: neither the store's other reads nor its writers wait for it. */
export async function readSnapshot<T>(
  engine: SqliteEngine,
  read: (reads: SqlEngine['reads'], interactions: ReadInteractions) => Promise<T>,
): Promise<T> {
  const connection = await untilFree(() => engine.openReader());
  try {
    // It is the first read and not BEGIN that decides what is seen.
    await untilFree(() => {
      if (!connection.database.inTransaction) connection.database.exec('BEGIN');
      connection.statement('SELECT count(*) FROM meta').get();
    });
    return await read(createSqliteKysely(connection), (options) => readInteractions(connection, options));
  } finally {
    connection.database.close();
  }
}

/** No more than one row exists as an object at any time. */
async function* readInteractions(
  connection: Connection,
  { chunkRows = CHUNK_ROWS, withContext = false }: ReadOptions = {},
): AsyncGenerator<InteractionColumns> {
  let rows: IterableIterator<Row> | undefined;
  try {
    const scan = scanOf(withContext);
    rows = await untilFree(() => connection.database.prepare(scan).raw().iterate() as IterableIterator<Row>);
    for (;;) {
      const chunk = nextChunk(rows, chunkRows, withContext);
      if (chunk.length > 0) yield chunk;
      if (chunk.length < chunkRows) return;
      await setImmediate();
    }
  } catch (error) {
    throw toStoreError(error);
  } finally {
    rows?.return?.();
  }
}

function nextChunk(rows: IterableIterator<Row>, size: number, withContext: boolean): InteractionColumns {
  const chunk = {
    length: 0,
    userKey: new Int32Array(size),
    itemKey: new Int32Array(size),
    typeKey: new Int32Array(size),
    value: new Float64Array(size),
    timestamp: new Float64Array(size),
    ...(withContext && { context: [] as (string | null)[] }),
  };
  while (chunk.length < size) {
    const next = rows.next();
    if (next.done) break;
    const [user, item, type, value, timestamp, context = null] = next.value;
    const i = chunk.length++;
    chunk.userKey[i] = user;
    chunk.itemKey[i] = item;
    chunk.typeKey[i] = type;
    chunk.value[i] = value ?? Number.NaN;
    chunk.timestamp[i] = timestamp ?? Number.NaN;
    chunk.context?.push(context);
  }
  return chunk.length === size ? chunk : trim(chunk);
}

function trim(chunk: InteractionColumns): InteractionColumns {
  const { length, context } = chunk;
  return {
    length,
    userKey: chunk.userKey.subarray(0, length),
    itemKey: chunk.itemKey.subarray(0, length),
    typeKey: chunk.typeKey.subarray(0, length),
    value: chunk.value.subarray(0, length),
    timestamp: chunk.timestamp.subarray(0, length),
    ...(context && { context }),
  };
}
