import type { StoredInteraction } from '../../domain/interaction.ts';
import { decodeCursor, encodeCursor } from '../cursor.ts';
import type { AddOutcome, HistoryRow, InteractionStore } from '../store.ts';
import { untilFree } from './connection.ts';
import type { SqliteEngine } from './engine.ts';
import { createInserter } from './insert.ts';
import { scanInteractions } from './scan.ts';

// CROSS JOIN keeps the order as written: the user's newest rows first, then one item each.
const HISTORY = `
  SELECT item.item_id, i.type_key, i.value, i.timestamp
  FROM interactions i CROSS JOIN items item ON item.item_key = i.item_key
  WHERE i.user_key = (SELECT user_key FROM users WHERE user_id = ?)
  ORDER BY i.timestamp DESC, i.seq DESC LIMIT ?`;

const LIST = (after: string) => `
  SELECT i.seq, item.item_id, i.type_key, i.value, i.timestamp, i.event_id
  FROM interactions i CROSS JOIN items item ON item.item_key = i.item_key
  WHERE i.user_key = (SELECT user_key FROM users WHERE user_id = ?) ${after}
  ORDER BY i.timestamp DESC, i.seq DESC LIMIT ?`;
const AFTER_TIME = 'AND (i.timestamp < ? OR (i.timestamp = ? AND i.seq < ?) OR i.timestamp IS NULL)';
const AFTER_NO_TIME = 'AND i.timestamp IS NULL AND i.seq < ?';

const COUNT = 'SELECT count(*) FROM (SELECT 1 FROM interactions LIMIT ?)';
const POPULAR =
  'SELECT item_id, interactions FROM items WHERE interactions > 0 ORDER BY interactions DESC, item_key LIMIT ?';
const DICTIONARY = {
  users: 'SELECT user_key, user_id FROM users',
  items: 'SELECT item_key, item_id FROM items',
  types: 'SELECT type_key, type FROM types',
};

type HistoryTuple = [itemId: string, typeKey: number, value: number | null, timestamp: number | null];
type ListTuple = [number, string, number, number | null, number | null, string | null];

export function createInteractions(engine: SqliteEngine): InteractionStore {
  const insert = createInserter(engine.writer);
  const typeName = createTypeNames(engine);

  function query<T>(sql: string, parameters: unknown[]): Promise<T[]> {
    return untilFree(
      () =>
        engine.reader
          .statement(sql)
          .raw()
          .all(...parameters) as T[],
    );
  }

  return {
    async add(rows: readonly StoredInteraction[]): Promise<AddOutcome[]> {
      return rows.length === 0 ? [] : engine.exclusive(() => insert(rows));
    },
    async history(userId, limit) {
      const rows = await query<HistoryTuple>(HISTORY, [userId, limit]);
      return rows.map(
        ([itemId, typeKey, value, timestamp]): HistoryRow => ({
          itemId,
          type: typeName(typeKey),
          value,
          timestamp,
        }),
      );
    },
    async list(userId, limit, cursor) {
      const [after, position] = cursor === undefined ? ['', []] : listPosition(cursor);
      const found = await query<ListTuple>(LIST(after), [userId, ...position, limit + 1]);
      const page = found.slice(0, limit);
      const last = page.at(-1);
      return {
        rows: page.map(([, itemId, typeKey, value, timestamp, eventId]) => ({
          userId,
          itemId,
          type: typeName(typeKey),
          value,
          timestamp,
          eventId,
        })),
        nextCursor: found.length > limit && last ? encodeCursor([last[4], last[0]]) : null,
      };
    },
    async countUpTo(limit) {
      const [row] = await query<[number]>(COUNT, [limit]);
      return row![0];
    },
    async mostPopular(limit) {
      const rows = await query<[string, number]>(POPULAR, [limit]);
      return rows.map(([itemId, count]) => ({ itemId, count }));
    },
    scan: (chunkRows = 16_384) => scanInteractions(engine, chunkRows),
    async dictionary(kind) {
      return new Map(await query<[number, string]>(DICTIONARY[kind], []));
    },
  };
}

function listPosition(cursor: string): [after: string, parameters: unknown[]] {
  const [timestamp, seq] = decodeCursor(cursor, ['number?', 'number']);
  return timestamp === null ? [AFTER_NO_TIME, [seq]] : [AFTER_TIME, [timestamp, timestamp, seq]];
}

/** Types are few and never change, so their names are kept. */
function createTypeNames(engine: SqliteEngine): (key: number) => string {
  let names = new Map<number, string>();
  return (key) => {
    if (!names.has(key)) {
      names = new Map(engine.reader.statement(DICTIONARY.types).raw().all() as [number, string][]);
    }
    return names.get(key)!;
  };
}
