import type { InteractionBatch } from '../data/batch.ts';
import type { Connection } from './connection.ts';

const KEYS = {
  users: {
    find: 'SELECT user_key FROM users WHERE user_id = ?',
    add: 'INSERT INTO users (user_id) VALUES (?)',
  },
  items: {
    find: 'SELECT item_key FROM items WHERE item_id = ?',
    add: 'INSERT INTO items (item_id) VALUES (?)',
  },
  types: {
    find: 'SELECT type_key FROM types WHERE type = ?',
    add: 'INSERT INTO types (type) VALUES (?)',
  },
};
const INSERT = `INSERT INTO interactions (user_key, item_key, type_key, value, timestamp, event_id, received, context)
  VALUES (?, ?, ?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;
const IS_DELETED = `SELECT 1 FROM tombstones WHERE user_key = ? AND item_key = ? AND type_key = ? AND event_id = ?
  UNION ALL SELECT 1 FROM tombstones WHERE event_id IS NULL AND ? IS NULL
    AND user_key = ? AND item_key = ? AND type_key = ? AND ifnull(timestamp, -1) = ifnull(?, -1)`;
const IS_KNOWN = `SELECT 1 FROM interactions WHERE user_key = ? AND timestamp IS ? AND item_key = ? AND type_key = ?
  AND received = 1 AND event_id IS NULL AND seq <= ?`;
const COUNT_ITEM = 'UPDATE items SET interactions = interactions + ? WHERE item_key = ?';

/**
 * Inserts rows within a transaction that the caller has begun. Keys are looked up for each call anew: another process
 * may delete a user between two calls, and a transaction that fails takes its new keys back.
 * @returns 1 for each row that is new, 0 for one that was there already
 */
export function insertBatch(connection: Connection, batch: InteractionBatch): Uint8Array<ArrayBuffer> {
  const { length, value, timestamp, eventIds, received, contexts } = batch;
  const users = findKeys(connection, KEYS.users, batch.users);
  const items = findKeys(connection, KEYS.items, batch.items);
  const types = findKeys(connection, KEYS.types, batch.types);
  const insert = connection.statement(INSERT);
  const isDeleted = createTombstones(connection);
  const isKnown = createKnown(connection, batch.knownUpTo);
  const accepted = new Uint8Array(length);
  const added = new Int32Array(items.length);
  for (let i = 0; i < length; i++) {
    const row = [
      users[batch.user[i]!]!,
      items[batch.item[i]!]!,
      types[batch.type[i]!]!,
      orNull(value[i]!),
      orNull(timestamp[i]!),
      eventIds?.[i] ?? null,
      received?.[i] ?? 0,
      contexts?.[i] ?? null,
    ] as const;
    if (isDeleted?.(row) || isKnown?.(row) || insert.run(...row).changes === 0) continue;
    accepted[i] = 1;
    added[batch.item[i]!]!++;
  }
  const countItem = connection.statement(COUNT_ITEM);
  for (const [place, count] of added.entries()) if (count > 0) countItem.run(count, items[place]);
  return accepted;
}

const orNull = (number: number) => (Number.isNaN(number) ? null : number);

type KeyedRow = readonly [
  ...keys: [user: number, item: number, type: number],
  value: number | null,
  timestamp: number | null,
  eventId: string | null,
  received: number,
  context: string | null,
];

/** Most databases have no tombstones, and then no row is looked up. */
function createTombstones(connection: Connection): ((row: KeyedRow) => boolean) | null {
  if (connection.statement('SELECT 1 FROM tombstones LIMIT 1').get() === undefined) return null;
  const find = connection.statement(IS_DELETED);
  return ([user, item, type, , timestamp, eventId, received]) =>
    (eventId !== null || received === 0) &&
    find.get(user, item, type, eventId, eventId, user, item, type, timestamp) !== undefined;
}

/** Rows of an export that is taken back into the installation that it came from. */
function createKnown(connection: Connection, upTo: number | undefined): ((row: KeyedRow) => boolean) | null {
  if (upTo === undefined) return null;
  const find = connection.statement(IS_KNOWN);
  return ([user, item, type, , timestamp, eventId, received]) =>
    received === 1 && eventId === null && find.get(user, timestamp, item, type, upTo) !== undefined;
}

function findKeys(connection: Connection, sql: { find: string; add: string }, ids: string[]): number[] {
  const find = connection.statement(sql.find).pluck();
  const add = connection.statement(sql.add);
  return ids.map((id) => (find.get(id) as number | undefined) ?? Number(add.run(id).lastInsertRowid));
}
