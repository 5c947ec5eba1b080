import { setImmediate } from 'node:timers/promises';
import { newestFirst } from '../engine/newest-first.ts';
import type { Paged } from '../engine/paged.ts';
import type { SqlEngine } from '../engine/schema.ts';
import type { Deletion, DeletionStore, InteractionFilter } from './contract.ts';
import { erasedSince, eraseUser } from './erase-user.ts';
import { parts, record, removeRows } from './remove-rows.ts';

type Db = SqlEngine['reads'];

/** The stretch of the table that one step looks through. */
const STEP_RANGE = 20_000;

export function createDeletions(engine: SqlEngine): DeletionStore {
  return {
    user: (userId, former, how) => eraseUser(engine, userId, former, how),
    erasedSince: (at) => erasedSince(engine.reads, at),
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

function listDeletions({ reads }: SqlEngine, limit: number, cursor?: string): Promise<Paged<Deletion>> {
  return newestFirst(reads.selectFrom('deletions').selectAll(), 'at', limit, cursor);
}
