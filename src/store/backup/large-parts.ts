import { type Kysely, sql } from 'kysely';
import { upsertItems, upsertUsers } from '../data/catalogue.ts';
import type { ExportPage, InteractionPosition } from '../data/contract.ts';
import { createExports } from '../data/exports.ts';
import type { Schema } from '../engine/schema.ts';
import type { BackupRows, KnownItem, Tombstone } from './contract.ts';

type Db = Kysely<Schema>;
type Rows<P extends keyof BackupRows> = readonly BackupRows[P][];

/** Rows per read of the database: a few milliseconds each. */
const PAGE = 500;
const EVERYTHING = Number.MAX_SAFE_INTEGER;

async function* pages<T, Position>(
  read: (after?: Position) => Promise<ExportPage<T, Position>>,
): AsyncGenerator<T[]> {
  for (let after: Position | null | undefined; after !== null; ) {
    const page: ExportPage<T, Position> = await read(after);
    if (page.rows.length > 0) yield page.rows;
    after = page.next;
  }
}

/** Tables of any size, read page by page along an index. */
export const LARGE_PARTS = {
  'known-users': {
    read: (db: Db) =>
      pages(async (after: number = 0) => {
        const rows = await db
          .selectFrom('users')
          .select(['user_key', 'user_id as userId'])
          .where('user_key', '>', after)
          .orderBy('user_key')
          .limit(PAGE)
          .execute();
        const next = rows.length < PAGE ? null : rows.at(-1)!.user_key;
        return { rows: rows.map(({ userId }) => ({ userId })), next };
      }),
    async put(db: Db, rows: Rows<'known-users'>) {
      await db
        .insertInto('users')
        .values(rows.map(({ userId }) => ({ user_id: userId, features: null })))
        .execute();
    },
  },
  'known-items': {
    read: (db: Db) =>
      pages(async (after: number = 0) => {
        const rows = await db
          .selectFrom('items')
          .select(['item_key', 'item_id', 'in_catalogue', 'hidden', 'added_at'])
          .where('item_key', '>', after)
          .orderBy('item_key')
          .limit(PAGE)
          .execute();
        const next = rows.length < PAGE ? null : rows.at(-1)!.item_key;
        return { rows: rows.map(knownItem), next };
      }),
    async put(db: Db, rows: Rows<'known-items'>) {
      const values = rows.map(({ itemId, state, addedAt }) => ({
        item_id: itemId,
        in_catalogue: state === 'catalogue' ? 1 : 0,
        hidden: state === 'deleted' ? 1 : 0,
        added_at: addedAt,
      }));
      await db.insertInto('items').values(values).execute();
    },
  },
  users: {
    read: (reads: Db) => pages((after?: number) => createExports({ reads }).users(after, PAGE)),
    put: (db: Db, rows: Rows<'users'>) => upsertUsers(db, rows),
  },
  'merged-users': {
    read: (db: Db) =>
      pages(async (after: string = '') => {
        const rows = await db
          .selectFrom('merged_users')
          .select(['user_id as userId', 'into_id as intoId', 'merged_at as mergedAt'])
          .where('user_id', '>', after)
          .orderBy('user_id')
          .limit(PAGE)
          .execute();
        return { rows, next: rows.length < PAGE ? null : rows.at(-1)!.userId };
      }),
    async put(db: Db, rows: Rows<'merged-users'>) {
      const values = rows.map(({ userId, intoId, mergedAt }) => ({
        ...{ user_id: userId, into_id: intoId },
        merged_at: mergedAt,
      }));
      await db.insertInto('merged_users').values(values).execute();
    },
  },
  items: {
    read: (reads: Db) => pages((after?: number) => createExports({ reads }).items(after, PAGE)),
    put: (db: Db, rows: Rows<'items'>, now: number) => upsertItems(db, rows, now),
  },
  tombstones: {
    read: readTombstones,
    async put(db: Db, rows: Rows<'tombstones'>) {
      for (const row of rows) {
        await db
          .insertInto('tombstones')
          .columns(['user_key', 'item_key', 'type_key', 'timestamp', 'event_id', 'deleted_at'])
          .expression((eb) =>
            eb
              .selectFrom(['users', 'items', 'types'])
              .select(({ val }) => [
                'user_key',
                'item_key',
                'type_key',
                // Postgres takes a parameter in a list of columns for text.
                sql<number | null>`CAST(${row.timestamp} AS BIGINT)`.as('timestamp'),
                val(row.eventId).as('event_id'),
                sql<number>`CAST(${row.deletedAt} AS BIGINT)`.as('deleted_at'),
              ])
              .where('user_id', '=', row.userId)
              .where('item_id', '=', row.itemId)
              .where('type', '=', row.type),
          )
          .execute();
      }
    },
  },
  deletions: {
    read: (db: Db) =>
      pages<BackupRows['deletions'], [number, string]>(async (after) => {
        let query = db.selectFrom('deletions').selectAll();
        if (after) query = query.where((eb) => eb(eb.refTuple('at', 'id'), '>', eb.tuple(...after)));
        const rows = await query.orderBy('at').orderBy('id').limit(PAGE).execute();
        const last = rows.length < PAGE ? undefined : rows.at(-1);
        return { rows, next: last ? [last.at, last.id] : null };
      }),
    async put(db: Db, rows: Rows<'deletions'>) {
      await db.insertInto('deletions').values(rows).execute();
    },
  },
  'alias-moves': {
    read: (db: Db) =>
      pages<BackupRows['alias-moves'], [string, string, number]>(async (after) => {
        let query = db.selectFrom('alias_moves').selectAll();
        if (after)
          query = query.where((eb) => eb(eb.refTuple('model', 'alias', 'seq'), '>', eb.tuple(...after)));
        const rows = await query.orderBy('model').orderBy('alias').orderBy('seq').limit(PAGE).execute();
        const last = rows.length < PAGE ? undefined : rows.at(-1);
        return { rows, next: last ? [last.model, last.alias, last.seq] : null };
      }),
    async put(db: Db, rows: Rows<'alias-moves'>) {
      await db
        .insertInto('alias_moves')
        .values(rows as never)
        .execute();
    },
  },
} as const;

export const readInteractions = (reads: Db) =>
  pages((after?: InteractionPosition) => createExports({ reads }).interactions(after, EVERYTHING, PAGE, {}));

function knownItem(row: {
  item_id: string;
  in_catalogue: number;
  hidden: number;
  added_at: number | null;
}): KnownItem {
  const state = row.in_catalogue === 1 ? 'catalogue' : row.hidden === 1 ? 'deleted' : 'interactions';
  return { itemId: row.item_id, state, addedAt: row.added_at };
}

/** Along the index of each kind of mark, those with an event's id and those without; cross joins keep that order. */
async function* readTombstones(db: Db): AsyncGenerator<Tombstone[]> {
  const rows = () =>
    db
      .selectFrom('tombstones as t')
      .crossJoin('users')
      .crossJoin('items')
      .crossJoin('types')
      .whereRef('users.user_key', '=', 't.user_key')
      .whereRef('items.item_key', '=', 't.item_key')
      .whereRef('types.type_key', '=', 't.type_key')
      .select(['t.user_key', 't.item_key', 't.type_key', 't.timestamp', 't.event_id', 't.deleted_at'])
      .select(['users.user_id', 'items.item_id', 'types.type']);
  type Row = Awaited<ReturnType<ReturnType<typeof rows>['execute']>>[number];
  const pageOf = (found: Row[]): ExportPage<Tombstone, Row> => ({
    rows: found.map((row) => ({
      userId: row.user_id,
      itemId: row.item_id,
      type: row.type,
      timestamp: row.timestamp,
      eventId: row.event_id,
      deletedAt: row.deleted_at,
    })),
    next: found.length < PAGE ? null : found.at(-1)!,
  });
  const time = sql<number>`coalesce(t.timestamp, -1)`;
  yield* pages<Tombstone, Row>(async (after) => {
    let query = rows().where('t.event_id', 'is', null);
    if (after) {
      const from = [after.user_key, after.item_key, after.type_key, after.timestamp ?? -1];
      query = query.where(sql<boolean>`(t.user_key, t.item_key, t.type_key, ${time}) > (${sql.join(from)})`);
    }
    const ordered = query.orderBy('t.user_key').orderBy('t.item_key').orderBy('t.type_key').orderBy(time);
    return pageOf(await ordered.limit(PAGE).execute());
  });
  yield* pages<Tombstone, Row>(async (after) => {
    let query = rows().where('t.event_id', 'is not', null);
    if (after) {
      const from = [after.event_id, after.user_key, after.item_key, after.type_key];
      query = query.where(
        sql<boolean>`(t.event_id, t.user_key, t.item_key, t.type_key) > (${sql.join(from)})`,
      );
    }
    const ordered = query
      .orderBy('t.event_id')
      .orderBy('t.user_key')
      .orderBy('t.item_key')
      .orderBy('t.type_key');
    return pageOf(await ordered.limit(PAGE).execute());
  });
}
