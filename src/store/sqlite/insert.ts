import type { StoredInteraction } from '../../domain/interaction.ts';
import type { AddOutcome } from '../store.ts';
import type { Connection } from './connection.ts';

const KEYS = {
  user: {
    find: 'SELECT user_key FROM users WHERE user_id = ?',
    add: 'INSERT INTO users (user_id) VALUES (?)',
  },
  item: {
    find: 'SELECT item_key FROM items WHERE item_id = ?',
    add: 'INSERT INTO items (item_id) VALUES (?)',
  },
  type: {
    find: 'SELECT type_key FROM types WHERE type = ?',
    add: 'INSERT INTO types (type) VALUES (?)',
  },
};
const INSERT = `INSERT INTO interactions (user_key, item_key, type_key, value, timestamp, event_id)
  VALUES (?, ?, ?, ?, ?, ?) ON CONFLICT DO NOTHING`;
const IS_DELETED = `SELECT 1 FROM tombstones WHERE event_id = ?
  UNION ALL SELECT 1 FROM tombstones WHERE event_id IS NULL AND ? IS NULL
    AND user_key = ? AND item_key = ? AND type_key = ? AND ifnull(timestamp, -1) = ifnull(?, -1)`;
const COUNT_ITEM = 'UPDATE items SET interactions = interactions + ? WHERE item_key = ?';

/**
 * Inserts rows within a transaction that the caller has begun. Keys are remembered for one call only: another
 * process may delete a user between two calls, and a transaction that fails takes its new keys back.
 */
export function insertRows(connection: Connection, rows: readonly StoredInteraction[]): AddOutcome[] {
  const userKey = createKeys(connection, KEYS.user);
  const itemKey = createKeys(connection, KEYS.item);
  const typeKey = createKeys(connection, KEYS.type);
  const insert = connection.statement(INSERT);
  const isDeleted = createTombstones(connection);
  const added = new Map<number, number>();
  const outcomes = rows.map((row): AddOutcome => {
    const user = userKey(row.userId);
    const item = itemKey(row.itemId);
    const type = typeKey(row.type);
    if (isDeleted(row, user, item, type)) return 'duplicate';
    const { changes } = insert.run(user, item, type, row.value, row.timestamp, row.eventId);
    if (changes === 0) return 'duplicate';
    added.set(item, (added.get(item) ?? 0) + 1);
    return 'accepted';
  });
  const countItem = connection.statement(COUNT_ITEM);
  for (const [item, count] of added) countItem.run(count, item);
  return outcomes;
}

/** Most databases have no tombstones, and then no row is looked up. */
function createTombstones(connection: Connection) {
  const any = connection.statement('SELECT 1 FROM tombstones LIMIT 1').get() !== undefined;
  const find = connection.statement(IS_DELETED);
  return ({ timestamp, eventId }: StoredInteraction, user: number, item: number, type: number) =>
    any && find.get(eventId, eventId, user, item, type, timestamp) !== undefined;
}

function createKeys(connection: Connection, sql: { find: string; add: string }): (id: string) => number {
  const known = new Map<string, number>();
  const find = connection.statement(sql.find).pluck();
  const add = connection.statement(sql.add);
  return (id) => {
    let key = known.get(id) ?? (find.get(id) as number | undefined);
    key ??= Number(add.run(id).lastInsertRowid);
    known.set(id, key);
    return key;
  };
}
