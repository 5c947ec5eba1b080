import type { SqlEngine } from '../engine/schema.ts';
import type { Gone, Merge, UserStore } from './contract.ts';
import { readMeta, writeMeta } from './popularity-claim.ts';
import type { PopularityState } from './popularity-contract.ts';
import { parts, removeRows } from './remove-rows.ts';

type Db = SqlEngine['reads'];

export function createUsers(engine: SqlEngine): UserStore {
  const { reads, write } = engine;
  return {
    merge: (userId, into) => write((db) => merge(db, userId, into, engine.now())),
    async mergedInto(userId) {
      const rows = await reads
        .selectFrom('merged_users')
        .select('user_id')
        .where('into_id', '=', userId)
        .orderBy('user_id')
        .execute();
      return rows.map(({ user_id }) => user_id);
    },
    async becameOf(userId) {
      return becameOf(reads, userId);
    },
    async isThere(userId) {
      return (await userOf(reads, userId)) !== undefined;
    },
    async newest(limit) {
      const rows = await reads
        .selectFrom('users')
        .select('user_id')
        .orderBy('user_key', 'desc')
        .limit(limit)
        .execute();
      const { count } = await reads
        .selectFrom('users')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .executeTakeFirstOrThrow();
      return { userIds: rows.map(({ user_id }) => user_id), of: Number(count) };
    },
  };
}

async function merge(db: Db, userId: string, into: string, now: number): Promise<Merge | Gone | null> {
  const became = await becameOf(db, into);
  // What was stored under that id would not be erased with the one whom it belongs to.
  if (became !== null) return { became };
  const guest = await userOf(db, userId);
  if (!guest) {
    const before = await db
      .selectFrom('merged_users')
      .selectAll()
      .where('user_id', '=', userId)
      .executeTakeFirst();
    return before
      ? { into: before.into_id, at: before.merged_at, interactions: 0, duplicates: 0, isNew: false }
      : null;
  }
  await db
    .insertInto('users')
    .values({ user_id: into })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
  const user = (await userOf(db, into))!;
  const duplicates = await removeDuplicates(db, guest.user_key, user.user_key);
  const { numUpdatedRows } = await db
    .updateTable('interactions')
    .set({ user_key: user.user_key })
    .where('user_key', '=', guest.user_key)
    .executeTakeFirstOrThrow();
  await moveTombstones(db, guest.user_key, user.user_key);
  if (guest.features !== null) {
    const features = JSON.stringify({ ...JSON.parse(guest.features), ...JSON.parse(user.features ?? '{}') });
    await db.updateTable('users').set({ features }).where('user_key', '=', user.user_key).execute();
  }
  await db.deleteFrom('users').where('user_key', '=', guest.user_key).execute();
  await remember(db, userId, into, now);
  await outdatePopularity(db);
  return { into, at: now, interactions: Number(numUpdatedRows), duplicates, isNew: true };
}

async function becameOf(db: Db, userId: string): Promise<string | null> {
  const row = await db
    .selectFrom('merged_users')
    .select('into_id')
    .where('user_id', '=', userId)
    .executeTakeFirst();
  return row?.into_id ?? null;
}

const userOf = (db: Db, userId: string) =>
  db.selectFrom('users').select(['user_key', 'features']).where('user_id', '=', userId).executeTakeFirst();

interface EventRow {
  seq: number;
  item_key: number;
  type_key: number;
  timestamp: number | null;
  event_id: string | null;
  received: number;
}

/** Removes one of each event that both have. Of two words of one moment the one that was stored later is the newer. */
async function removeDuplicates(db: Db, guest: number, user: number): Promise<number> {
  const rowsOf = (key: number): Promise<EventRow[]> =>
    db
      .selectFrom('interactions')
      .select(['seq', 'item_key', 'type_key', 'timestamp', 'event_id', 'received'])
      .where('user_key', '=', key)
      .execute();
  const theirs = new Map<string, EventRow>();
  for (const row of await rowsOf(user)) {
    const key = eventKey(row);
    if (key !== null) theirs.set(key, row);
  }
  const doubles: EventRow[] = [];
  for (const row of await rowsOf(guest)) {
    const key = eventKey(row);
    const other = key === null ? undefined : theirs.get(key);
    if (other) doubles.push(Number(row.seq) > Number(other.seq) ? other : row);
  }
  await removeRows(db, doubles);
  return doubles.length;
}

/** Key of an event within its user, as the unique indices have it; null for one that is told apart by nothing. */
function eventKey({ item_key, type_key, timestamp, event_id, received }: EventRow): string | null {
  if (event_id !== null) return `${item_key} ${type_key} event ${event_id}`;
  return received === 0 ? `${item_key} ${type_key} ${timestamp}` : null;
}

/** Keeps deleted under the other name what was deleted on purpose. */
async function moveTombstones(db: Db, guest: number, user: number): Promise<void> {
  const rows = await db.selectFrom('tombstones').selectAll().where('user_key', '=', guest).execute();
  await db.deleteFrom('tombstones').where('user_key', '=', guest).execute();
  for (const part of parts(rows)) {
    await db
      .insertInto('tombstones')
      .values(part.map((row) => ({ ...row, user_key: user })))
      .onConflict((conflict) => conflict.doNothing())
      .execute();
  }
}

/** Those who had become the guest are the user now: nobody has become one who has become another. */
async function remember(db: Db, userId: string, into: string, now: number): Promise<void> {
  await db.deleteFrom('merged_users').where('user_id', '=', userId).execute();
  await db.updateTable('merged_users').set({ into_id: into }).where('into_id', '=', userId).execute();
  await db.insertInto('merged_users').values({ user_id: userId, into_id: into, merged_at: now }).execute();
}

/** Two users are one from now on; no new interaction says so. */
async function outdatePopularity(db: Db): Promise<void> {
  const state = await readMeta<PopularityState>(db, 'popularity');
  if (state) await writeMeta(db, 'popularity', { ...state, upTo: -1 });
}
