import { setImmediate } from 'node:timers/promises';
import type { InteractionColumns } from '../../domain/interaction-source.ts';
import { untilFree } from './connection.ts';
import type { SqliteEngine } from './engine.ts';
import { toStoreError } from './errors.ts';

const SCAN = 'SELECT user_key, item_key, type_key, value, timestamp FROM interactions ORDER BY seq';
type Row = [user: number, item: number, type: number, value: number | null, timestamp: number | null];

/**
 * One statement on a connection of its own: an open statement sees one snapshot, and neither the store's other
 * reads nor its writers wait for it. No more than one row exists as an object at any time.
 */
export async function* scanInteractions(
  engine: SqliteEngine,
  chunkRows: number,
): AsyncGenerator<InteractionColumns> {
  const connection = await untilFree(() => engine.openReader());
  let rows: IterableIterator<Row> | undefined;
  try {
    rows = await untilFree(() => connection.database.prepare(SCAN).raw().iterate() as IterableIterator<Row>);
    for (;;) {
      const chunk = nextChunk(rows, chunkRows);
      if (chunk.length > 0) yield chunk;
      if (chunk.length < chunkRows) return;
      await setImmediate();
    }
  } catch (error) {
    throw toStoreError(error);
  } finally {
    rows?.return?.();
    connection.database.close();
  }
}

function nextChunk(rows: IterableIterator<Row>, size: number): InteractionColumns {
  const chunk = {
    length: 0,
    userKey: new Int32Array(size),
    itemKey: new Int32Array(size),
    typeKey: new Int32Array(size),
    value: new Float64Array(size),
    timestamp: new Float64Array(size),
  };
  while (chunk.length < size) {
    const next = rows.next();
    if (next.done) break;
    const [user, item, type, value, timestamp] = next.value;
    const i = chunk.length++;
    chunk.userKey[i] = user;
    chunk.itemKey[i] = item;
    chunk.typeKey[i] = type;
    chunk.value[i] = value ?? Number.NaN;
    chunk.timestamp[i] = timestamp ?? Number.NaN;
  }
  return chunk.length === size ? chunk : trim(chunk);
}

function trim(chunk: InteractionColumns): InteractionColumns {
  const { length } = chunk;
  return {
    length,
    userKey: chunk.userKey.subarray(0, length),
    itemKey: chunk.itemKey.subarray(0, length),
    typeKey: chunk.typeKey.subarray(0, length),
    value: chunk.value.subarray(0, length),
    timestamp: chunk.timestamp.subarray(0, length),
  };
}
