import type pg from 'pg';
import type { InteractionColumns } from '../../domain/interaction-source.ts';
import { toStoreError } from './errors.ts';

const SCAN = 'SELECT user_key, item_key, type_key, value, timestamp FROM interactions ORDER BY seq';
type Row = [user: number, item: number, type: number, value: number | null, timestamp: number | null];

/** A cursor in a transaction of its own sees one snapshot and blocks nobody. One chunk of rows exists at a time. */
export async function* scanInteractions(
  pool: pg.Pool,
  chunkRows: number,
): AsyncGenerator<InteractionColumns> {
  let client: pg.PoolClient | undefined;
  let whole = false;
  try {
    client = await pool.connect();
    client.on('error', () => {});
    await client.query(
      `BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY; DECLARE scan NO SCROLL CURSOR FOR ${SCAN}`,
    );
    for (;;) {
      const { rows } = await client.query<Row>({ text: `FETCH ${chunkRows} FROM scan`, rowMode: 'array' });
      if (rows.length > 0) yield toColumns(rows);
      if (rows.length < chunkRows) break;
    }
    await client.query('COMMIT');
    whole = true;
  } catch (error) {
    throw toStoreError(error);
  } finally {
    // A connection whose reader left early still has the cursor open.
    client?.release(!whole);
  }
}

function toColumns(rows: readonly Row[]): InteractionColumns {
  const length = rows.length;
  const columns = {
    length,
    userKey: new Int32Array(length),
    itemKey: new Int32Array(length),
    typeKey: new Int32Array(length),
    value: new Float64Array(length),
    timestamp: new Float64Array(length),
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
