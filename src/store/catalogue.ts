import { type Selectable, sql } from 'kysely';
import type { StoredItem, StoredUser } from '../domain/catalogue.ts';
import type { Engine, Schema } from './schema.ts';
import type { CatalogueStore } from './store.ts';

export const ITEM_COLUMNS = [
  'item_id',
  'title',
  'categories',
  'labels',
  'features',
  'hidden',
  'available_from',
  'available_until',
] as const;

/** An engine allows so many parameters per statement; 500 items take 4,500. */
const ROWS_PER_STATEMENT = 500;

type ItemRow = Pick<Selectable<Schema['items']>, (typeof ITEM_COLUMNS)[number]>;

export function createCatalogue(engine: Engine): CatalogueStore {
  const { reads } = engine;
  // Asked by every recommendation, so it is built once.
  const revision = reads.selectFrom('meta').select('value').where('key', '=', 'items_revision').compile();

  async function getItems(itemIds: readonly string[]): Promise<StoredItem[]> {
    if (itemIds.length === 0) return [];
    const rows = await reads
      .selectFrom('items')
      .select(ITEM_COLUMNS)
      .where('item_id', 'in', itemIds)
      .where('in_catalogue', '=', 1)
      .execute();
    const found = new Map(rows.map((row) => [row.item_id, toItem(row)]));
    return itemIds.map((id) => found.get(id)).filter((item) => item !== undefined);
  }

  return {
    putItems: (items) => putItems(engine, items),
    putUsers: (users) => putUsers(engine, users),
    getItems,
    getItem: async (itemId) => (await getItems([itemId]))[0] ?? null,
    async getUser(userId) {
      const row = await reads
        .selectFrom('users')
        .select(['user_id', 'features'])
        .where('user_id', '=', userId)
        .where('features', 'is not', null)
        .executeTakeFirst();
      return row ? { userId: row.user_id, features: JSON.parse(row.features!) } : null;
    },
    async restrictedItems() {
      // The condition of the partial index items_restricted, word for word: otherwise SQLite does not use it.
      const rows = await reads
        .selectFrom('items')
        .select(ITEM_COLUMNS)
        .where(sql<boolean>`hidden = 1 OR available_from IS NOT NULL OR available_until IS NOT NULL`)
        .orderBy('item_key')
        .execute();
      return rows.map(toItem);
    },
    async counts() {
      const items = await reads
        .selectFrom('items')
        .select((eb) => [
          eb.fn.countAll<number>().as('items'),
          eb.fn.sum<number>(eb.case().when('interactions', '=', 0).then(1).else(0).end()).as('without'),
        ])
        .where('in_catalogue', '=', 1)
        .executeTakeFirstOrThrow();
      const { users } = await reads
        .selectFrom('users')
        .select((eb) => eb.fn.countAll<number>().as('users'))
        .where('features', 'is not', null)
        .executeTakeFirstOrThrow();
      return {
        items: Number(items.items),
        itemsWithoutInteractions: Number(items.without ?? 0),
        users: Number(users),
      };
    },
    async itemsRevision() {
      const { rows } = await reads.executeQuery(revision);
      return Number(rows[0]!.value);
    },
  };
}

async function putItems(engine: Engine, items: readonly StoredItem[]): Promise<void> {
  if (items.length === 0) return;
  const rows = lastOfEach(items, ({ itemId }) => itemId).map(fromItem);
  await engine.write(async (db) => {
    for (const part of parts(rows)) {
      await db
        .insertInto('items')
        .values(part)
        .onConflict((conflict) =>
          conflict.column('item_id').doUpdateSet((eb) => ({
            title: eb.ref('excluded.title'),
            categories: eb.ref('excluded.categories'),
            labels: eb.ref('excluded.labels'),
            features: eb.ref('excluded.features'),
            hidden: eb.ref('excluded.hidden'),
            available_from: eb.ref('excluded.available_from'),
            available_until: eb.ref('excluded.available_until'),
            in_catalogue: 1,
          })),
        )
        .execute();
    }
    await bumpRevision(db);
  });
}

async function putUsers(engine: Engine, users: readonly StoredUser[]): Promise<void> {
  if (users.length === 0) return;
  const rows = lastOfEach(users, ({ userId }) => userId).map(({ userId, features }) => ({
    user_id: userId,
    features: JSON.stringify(features),
  }));
  await engine.write(async (db) => {
    for (const part of parts(rows)) {
      await db
        .insertInto('users')
        .values(part)
        .onConflict((conflict) =>
          conflict.column('user_id').doUpdateSet((eb) => ({ features: eb.ref('excluded.features') })),
        )
        .execute();
    }
  });
}

async function bumpRevision(db: Engine['reads']): Promise<void> {
  await db
    .updateTable('meta')
    .set({ value: sql`CAST(CAST(value AS INTEGER) + 1 AS TEXT)` })
    .where('key', '=', 'items_revision')
    .execute();
}

/** Postgres refuses to change one row twice in a statement. */
function lastOfEach<T>(rows: readonly T[], idOf: (row: T) => string): T[] {
  return [...new Map(rows.map((row) => [idOf(row), row])).values()];
}

function* parts<T>(rows: readonly T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += ROWS_PER_STATEMENT) yield rows.slice(at, at + ROWS_PER_STATEMENT);
}

export function toItem(row: ItemRow): StoredItem {
  return {
    itemId: row.item_id,
    title: row.title,
    categories: JSON.parse(row.categories),
    labels: JSON.parse(row.labels),
    features: JSON.parse(row.features),
    hidden: row.hidden === 1,
    availableFrom: row.available_from,
    availableUntil: row.available_until,
  };
}

function fromItem(item: StoredItem) {
  return {
    item_id: item.itemId,
    title: item.title,
    categories: JSON.stringify(item.categories),
    labels: JSON.stringify(item.labels),
    features: JSON.stringify(item.features),
    hidden: item.hidden ? 1 : 0,
    available_from: item.availableFrom,
    available_until: item.availableUntil,
    in_catalogue: 1,
  };
}
