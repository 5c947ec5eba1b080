import type { StoredItem, StoredUser } from '../../domain/catalogue.ts';
import type { CatalogueStore } from '../store.ts';
import { untilFree } from './connection.ts';
import type { SqliteEngine } from './engine.ts';

const COLUMNS = 'item_id, title, categories, labels, features, hidden, available_from, available_until';
const GET_ITEM = `SELECT ${COLUMNS} FROM items WHERE item_id = ? AND in_catalogue = 1`;
// The condition of the partial index items_restricted, word for word: otherwise SQLite does not use it.
const RESTRICTED = `SELECT ${COLUMNS} FROM items
  WHERE (hidden = 1 OR available_from IS NOT NULL OR available_until IS NOT NULL) ORDER BY item_key`;
const PUT_ITEM = `INSERT INTO items (${COLUMNS}, in_catalogue) VALUES (?, ?, ?, ?, ?, ?, ?, ?, 1)
  ON CONFLICT (item_id) DO UPDATE SET title = excluded.title, categories = excluded.categories,
    labels = excluded.labels, features = excluded.features, hidden = excluded.hidden,
    available_from = excluded.available_from, available_until = excluded.available_until, in_catalogue = 1`;
const BUMP = "UPDATE meta SET value = CAST(value AS INTEGER) + 1 WHERE key = 'items_revision'";
const REVISION = "SELECT CAST(value AS INTEGER) FROM meta WHERE key = 'items_revision'";
const GET_USER = 'SELECT user_id, features FROM users WHERE user_id = ? AND features IS NOT NULL';
const PUT_USER = `INSERT INTO users (user_id, features) VALUES (?, ?)
  ON CONFLICT (user_id) DO UPDATE SET features = excluded.features`;

type ItemTuple = [string, string | null, string, string, string, number, number | null, number | null];

export function createCatalogue(engine: SqliteEngine): CatalogueStore {
  const { reader, writer } = engine;

  function findItem(itemId: string): StoredItem | null {
    const row = reader.statement(GET_ITEM).raw().get(itemId) as ItemTuple | undefined;
    return row ? toItem(row) : null;
  }

  return {
    async putItems(items: readonly StoredItem[]) {
      if (items.length === 0) return;
      await engine.exclusive(() => {
        const put = writer.statement(PUT_ITEM);
        for (const item of items) put.run(...fromItem(item));
        writer.statement(BUMP).run();
      });
    },
    async putUsers(users: readonly StoredUser[]) {
      if (users.length === 0) return;
      await engine.exclusive(() => {
        const put = writer.statement(PUT_USER);
        for (const user of users) put.run(user.userId, JSON.stringify(user.features));
      });
    },
    getItem: (itemId) => untilFree(() => findItem(itemId)),
    getItems: (itemIds) => untilFree(() => itemIds.map(findItem).filter((item) => item !== null)),
    getUser: (userId) =>
      untilFree(() => {
        const row = reader.statement(GET_USER).raw().get(userId) as [string, string] | undefined;
        return row ? { userId: row[0], features: JSON.parse(row[1]) } : null;
      }),
    restrictedItems: () =>
      untilFree(() => (reader.statement(RESTRICTED).raw().all() as ItemTuple[]).map(toItem)),
    itemsRevision: () => untilFree(() => reader.statement(REVISION).pluck().get() as number),
  };
}

function toItem(row: ItemTuple): StoredItem {
  const [itemId, title, categories, labels, features, hidden, availableFrom, availableUntil] = row;
  return {
    itemId,
    title,
    categories: JSON.parse(categories),
    labels: JSON.parse(labels),
    features: JSON.parse(features),
    hidden: hidden === 1,
    availableFrom,
    availableUntil,
  };
}

function fromItem(item: StoredItem): ItemTuple {
  return [
    item.itemId,
    item.title,
    JSON.stringify(item.categories),
    JSON.stringify(item.labels),
    JSON.stringify(item.features),
    item.hidden ? 1 : 0,
    item.availableFrom,
    item.availableUntil,
  ];
}
