import { sql } from 'kysely';
import type { StoredItem, StoredUser } from '../../domain/data/catalogue.ts';
import { decodeCursor, encodeCursor } from '../engine/cursor.ts';
import type { Paged } from '../engine/paged.ts';
import type { SqlEngine } from '../engine/schema.ts';
import { fromItem, ITEM_COLUMNS, toItem, toUser } from './catalogue-rows.ts';
import type { CatalogueStore, ItemFilter } from './contract.ts';
import { conditionsOf } from './item-conditions.ts';
import { latestItems, unknownItems } from './latest-items.ts';
import { coverage, unlistedItems } from './unlisted-items.ts';

/** An engine allows so many parameters per statement; 500 items take 5,000. */
const ROWS_PER_STATEMENT = 500;

export function createCatalogue(engine: SqlEngine): CatalogueStore {
  const { reads } = engine;
  // Asked by every recommendation, so it is built once.
  const revision = reads.selectFrom('meta').select('value').where('key', '=', 'items_revision').compile();

  return {
    putItems: (items) => putItems(engine, items),
    putUsers: (users) => putUsers(engine, users),
    changeItem: (itemId, change) =>
      engine.write(async (db) => {
        const item = change((await getItems(db, [itemId]))[0] ?? null);
        await upsertItems(db, [item], engine.now());
        return item;
      }),
    changeUser: (userId, change) =>
      engine.write(async (db) => {
        const user = change(await getUser(db, userId));
        await upsertUsers(db, [user]);
        return user;
      }),
    deleteItem: (itemId, check) => deleteItem(engine, itemId, check),
    listItems: (filter, limit, cursor) => listItems(engine, filter, limit, cursor),
    listUsers: (limit, cursor) => listUsers(engine, limit, cursor),
    getItems: (itemIds) => getItems(reads, itemIds),
    latestItems: (limit, after) => latestItems(engine, limit, after),
    unknownItems: (itemIds) => unknownItems(engine, itemIds),
    getItem: async (itemId) => (await getItems(reads, [itemId]))[0] ?? null,
    getUser: (userId) => getUser(reads, userId),
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
    coverage: () => coverage(reads),
    unlistedItems: () => unlistedItems(reads),
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

async function getItems(db: SqlEngine['reads'], itemIds: readonly string[]): Promise<StoredItem[]> {
  if (itemIds.length === 0) return [];
  const rows = await db
    .selectFrom('items')
    .select(ITEM_COLUMNS)
    .where('item_id', 'in', itemIds)
    .where('in_catalogue', '=', 1)
    .execute();
  const found = new Map(rows.map((row) => [row.item_id, toItem(row)]));
  return itemIds.map((id) => found.get(id)).filter((item) => item !== undefined);
}

async function getUser(db: SqlEngine['reads'], userId: string): Promise<StoredUser | null> {
  const row = await db
    .selectFrom('users')
    .select(['user_id', 'features'])
    .where('user_id', '=', userId)
    .where('features', 'is not', null)
    .executeTakeFirst();
  return row ? toUser(row) : null;
}

async function putItems(engine: SqlEngine, items: readonly StoredItem[]): Promise<void> {
  if (items.length > 0) await engine.write((db) => upsertItems(db, items, engine.now()));
}

async function putUsers(engine: SqlEngine, users: readonly StoredUser[]): Promise<void> {
  if (users.length > 0) await engine.write((db) => upsertUsers(db, users));
}

export async function upsertItems(
  db: SqlEngine['reads'],
  items: readonly StoredItem[],
  now: number,
): Promise<void> {
  const rows = lastOfEach(items, ({ itemId }) => itemId).map((item) => ({
    ...fromItem(item),
    added_at: now,
  }));
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
          // Only an item that was known from interactions alone comes in now.
          added_at: sql<number>`CASE WHEN items.in_catalogue = 1 THEN items.added_at ELSE excluded.added_at END`,
        })),
      )
      .execute();
  }
  await bumpRevision(db);
}

export async function upsertUsers(db: SqlEngine['reads'], users: readonly StoredUser[]): Promise<void> {
  const rows = lastOfEach(users, ({ userId }) => userId).map(({ userId, features }) => ({
    user_id: userId,
    features: JSON.stringify(features),
  }));
  for (const part of parts(rows)) {
    await db
      .insertInto('users')
      .values(part)
      .onConflict((conflict) =>
        conflict.column('user_id').doUpdateSet((eb) => ({ features: eb.ref('excluded.features') })),
      )
      .execute();
  }
}

/** The row stays for the interactions that point at it, hidden so that nothing recommends it. */
function deleteItem(
  engine: SqlEngine,
  itemId: string,
  check?: (item: StoredItem | null) => void,
): Promise<boolean> {
  return engine.write(async (db) => {
    const before = check && ((await getItems(db, [itemId]))[0] ?? null);
    const { numUpdatedRows } = await db
      .updateTable('items')
      .set({
        in_catalogue: 0,
        hidden: 1,
        title: null,
        categories: '[]',
        labels: '[]',
        features: '{}',
        available_from: null,
        available_until: null,
      })
      .where('item_id', '=', itemId)
      .where((eb) => eb.or([eb('in_catalogue', '=', 1), eb('hidden', '=', 0)]))
      .executeTakeFirstOrThrow();
    if (numUpdatedRows === 0n) return false;
    if (before !== undefined) check?.(before);
    await bumpRevision(db);
    return true;
  });
}

async function listItems(
  { reads }: SqlEngine,
  filter: ItemFilter,
  limit: number,
  cursor?: string,
): Promise<Paged<StoredItem>> {
  let query = reads
    .selectFrom('items')
    .select(['item_key', ...ITEM_COLUMNS])
    .where('in_catalogue', '=', 1);
  for (const condition of conditionsOf(filter)) query = query.where(condition);
  if (cursor !== undefined) query = query.where('item_key', '>', keyOf(cursor));
  const found = await query
    .orderBy('item_key')
    .limit(limit + 1)
    .execute();
  return pageOf(found, limit, (row) => row.item_key, toItem);
}

async function listUsers({ reads }: SqlEngine, limit: number, cursor?: string): Promise<Paged<StoredUser>> {
  let query = reads
    .selectFrom('users')
    .select(['user_key', 'user_id', 'features'])
    .where('features', 'is not', null);
  if (cursor !== undefined) query = query.where('user_key', '>', keyOf(cursor));
  const found = await query
    .orderBy('user_key')
    .limit(limit + 1)
    .execute();
  return pageOf(found, limit, (row) => row.user_key, toUser);
}

const keyOf = (cursor: string) => decodeCursor(cursor, ['number'])[0] as number;

function pageOf<R, T>(
  found: R[],
  limit: number,
  keyOfRow: (row: R) => number,
  view: (row: R) => T,
): Paged<T> {
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return { rows: page.map(view), nextCursor: last ? encodeCursor([keyOfRow(last)]) : null };
}

async function bumpRevision(db: SqlEngine['reads']): Promise<void> {
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
