import { randomUUID } from 'node:crypto';
import { setImmediate } from 'node:timers/promises';
import { decodeCursor, encodeCursor } from '../engine/cursor.ts';
import type { Paged } from '../engine/paged.ts';
import type { SqlEngine } from '../engine/schema.ts';
import { forgetUnits } from '../engine/units.ts';
import type { Deletion, DeletionStore, InteractionFilter } from './contract.ts';
import { forgetRejects } from './rejects.ts';

type Db = SqlEngine['reads'];
interface Row {
  seq: number;
  item_key: number;
}

/** Rows that one statement takes away, and the stretch of the table that one step looks through. */
const STEP_ROWS = 1_000;
const STEP_RANGE = 20_000;

export function createDeletions(engine: SqlEngine): DeletionStore {
  return {
    user: (userId, former) => deleteUser(engine, userId, former),
    interactions: (filter) => deleteInteractions(engine, filter),
    expire: (before, limit) =>
      engine.write(async (db) => {
        const rows = await db
          .selectFrom('interactions')
          .select(['seq', 'item_key'])
          .where('timestamp', '<', before)
          .orderBy('timestamp')
          .orderBy('seq')
          .limit(limit)
          .execute();
        await removeRows(db, rows);
        await db.deleteFrom('tombstones').where('timestamp', '<', before).execute();
        return rows.length;
      }),
    list: (limit, cursor) => listDeletions(engine, limit, cursor),
  };
}

function deleteUser(
  engine: SqlEngine,
  userId: string,
  former: readonly string[] = [],
): Promise<Deletion | null> {
  return engine.write(async (db) => {
    const counts: (number | null)[] = [];
    for (const id of [userId, ...former]) counts.push(await removeUser(db, id));
    await forgetUnits(db, [userId, ...former]);
    if (counts.every((count) => count === null)) return null;
    for (const guest of await forgetMerges(db, userId)) {
      await forgetRejects(db, guest);
      await forgetUnits(db, [guest]);
    }
    return record(
      db,
      engine.now(),
      'user',
      counts.reduce<number>((sum, count) => sum + (count ?? 0), 0),
    );
  });
}

/** Removes all that is stored under an id. @returns how many interactions; null where nothing was */
async function removeUser(db: Db, userId: string): Promise<number | null> {
  const user = await db
    .selectFrom('users')
    .select('user_key')
    .where('user_id', '=', userId)
    .executeTakeFirst();
  if (!user) return null;
  const rows = await db
    .selectFrom('interactions')
    .select(['seq', 'item_key'])
    .where('user_key', '=', user.user_key)
    .execute();
  await removeRows(db, rows);
  await db.deleteFrom('tombstones').where('user_key', '=', user.user_key).execute();
  await db.deleteFrom('users').where('user_key', '=', user.user_key).execute();
  await forgetRejects(db, userId);
  return rows.length;
}

/** Forgets who had become the user; whom the user has become stays known, with whom the rest is erased. @returns their ids */
async function forgetMerges(db: Db, userId: string): Promise<string[]> {
  const rows = await db
    .deleteFrom('merged_users')
    .where('into_id', '=', userId)
    .returning('user_id')
    .execute();
  return rows.map(({ user_id }) => user_id);
}

/** Stretch by stretch of the table, unless a user narrows it down: so no step holds other writers up for long. */
async function deleteInteractions(engine: SqlEngine, filter: InteractionFilter): Promise<Deletion> {
  const fields = (['userId', 'itemId', 'type'] as const).filter((field) => filter[field] !== undefined);
  if (fields.length === 0) throw new Error('a deletion of interactions needs a filter');
  const keys = await keysOf(engine.reads, filter);
  let count = 0;
  if (keys) {
    if (keys.user_key !== undefined) {
      count = await deleteFitting(engine, keys);
    } else {
      const last = await lastSeq(engine.reads);
      for (let after = 0; after < last; after += STEP_RANGE) {
        count += await deleteFitting(engine, keys, { after, until: after + STEP_RANGE });
        await setImmediate();
      }
    }
  }
  const what = `interactions by ${fields.join(' and ')}`;
  return engine.write((db) => record(db, engine.now(), what, count));
}

interface Keys {
  user_key?: number;
  item_key?: number;
  type_key?: number;
}

/** Null when nothing can fit. */
async function keysOf(db: Db, { userId, itemId, type }: InteractionFilter): Promise<Keys | null> {
  const keys: Keys = {};
  if (userId !== undefined) {
    const row = await db
      .selectFrom('users')
      .select('user_key')
      .where('user_id', '=', userId)
      .executeTakeFirst();
    if (!row) return null;
    keys.user_key = row.user_key;
  }
  if (itemId !== undefined) {
    const row = await db
      .selectFrom('items')
      .select('item_key')
      .where('item_id', '=', itemId)
      .executeTakeFirst();
    if (!row) return null;
    keys.item_key = row.item_key;
  }
  if (type !== undefined) {
    const row = await db.selectFrom('types').select('type_key').where('type', '=', type).executeTakeFirst();
    if (!row) return null;
    keys.type_key = row.type_key;
  }
  return keys;
}

async function lastSeq(db: Db): Promise<number> {
  const { last } = await db
    .selectFrom('interactions')
    .select((eb) => eb.fn.max('seq').as('last'))
    .executeTakeFirstOrThrow();
  return Number(last ?? 0);
}

function deleteFitting(
  engine: SqlEngine,
  keys: Keys,
  range?: { after: number; until: number },
): Promise<number> {
  return engine.write(async (db) => {
    let query = db
      .selectFrom('interactions')
      .select(['seq', 'user_key', 'item_key', 'type_key', 'timestamp', 'event_id', 'received']);
    if (range) query = query.where('seq', '>', range.after).where('seq', '<=', range.until);
    for (const [column, key] of Object.entries(keys)) query = query.where(column as keyof Keys, '=', key);
    const rows = await query.execute();
    const deletedAt = engine.now();
    for (const part of parts(rows)) {
      const remembered = part
        .filter((row) => (row.timestamp !== null && row.received === 0) || row.event_id !== null)
        .map(({ seq: _, received: __, ...row }) => ({ ...row, deleted_at: deletedAt }));
      if (remembered.length === 0) continue;
      await db
        .insertInto('tombstones')
        .values(remembered)
        .onConflict((conflict) => conflict.doNothing())
        .execute();
    }
    await removeRows(db, rows);
    return rows.length;
  });
}

/** Removes rows and lowers the items' counts, in few statements: items that lose equally many are counted down together. */
export async function removeRows(db: Db, rows: readonly Row[]): Promise<void> {
  const lost = new Map<number, number>();
  for (const part of parts(rows)) {
    const seqs = part.map(({ seq }) => seq);
    await db.deleteFrom('interactions').where('seq', 'in', seqs).execute();
  }
  for (const { item_key } of rows) lost.set(item_key, (lost.get(item_key) ?? 0) + 1);
  for (const count of new Set(lost.values())) {
    const items = [...lost.keys()].filter((item) => lost.get(item) === count);
    for (const part of parts(items)) {
      await db
        .updateTable('items')
        .set((eb) => ({ interactions: eb('interactions', '-', count) }))
        .where('item_key', 'in', part)
        .execute();
    }
  }
}

async function record(db: Db, at: number, what: string, interactions: number): Promise<Deletion> {
  const deletion = { id: randomUUID(), at, what, interactions };
  await db.insertInto('deletions').values(deletion).execute();
  return deletion;
}

async function listDeletions({ reads }: SqlEngine, limit: number, cursor?: string): Promise<Paged<Deletion>> {
  let query = reads.selectFrom('deletions').selectAll();
  if (cursor !== undefined) {
    const [at, id] = decodeCursor(cursor, ['number', 'string']) as [number, string];
    query = query.where((eb) => eb(eb.refTuple('at', 'id'), '<', eb.tuple(at, id)));
  }
  const found = await query
    .orderBy('at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const rows = found.slice(0, limit);
  const last = found.length > limit ? rows.at(-1) : undefined;
  return { rows, nextCursor: last ? encodeCursor([last.at, last.id]) : null };
}

export function* parts<T>(rows: readonly T[]): Generator<T[]> {
  for (let at = 0; at < rows.length; at += STEP_ROWS) yield rows.slice(at, at + STEP_ROWS);
}
