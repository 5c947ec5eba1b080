import { FINISHED_STATES } from '../../domain/jobs/job.ts';
import type { SqlEngine } from '../engine/schema.ts';
import { forgetUnits } from '../engine/units.ts';
import type { ErasedHow, Erasure } from './contract.ts';
import { forgetLogs, forgetRejects } from './forget-mentions.ts';
import { record, removeRows } from './remove-rows.ts';

type Db = SqlEngine['reads'];

/** One transaction over all that the database knows of a person. */
export function eraseUser(
  engine: SqlEngine,
  userId: string,
  former: readonly string[] = [],
  { pseudonym, isKnown = false }: ErasedHow = {},
): Promise<Erasure | null> {
  return engine.write(async (db) => {
    const counts: (number | null)[] = [];
    for (const id of [userId, ...former]) counts.push(await removeUser(db, id));
    const isStored = counts.some((count) => count !== null);
    // Whom somebody has become stays known where nothing was stored of the one who is asked for.
    const guests = isStored ? await forgetMerges(db, userId) : [];
    const ids = [...new Set([userId, ...former, ...guests])];
    await forgetUnits(db, ids);
    const found = { rejects: 0, logLines: 0 };
    for (const id of ids) {
      found.rejects += await forgetRejects(db, id);
      found.logLines += await forgetLogs(db, id);
    }
    if (!isStored && !isKnown && found.rejects + found.logLines === 0) return null;
    const waitingImports = pseudonym ? await tellImports(db, ids.map(pseudonym), engine.now()) : [];
    const interactions = counts.reduce<number>((sum, count) => sum + (count ?? 0), 0);
    return { ...(await record(db, engine.now(), 'user', interactions)), ...found, waitingImports };
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

/**
 * Leaves word for imports that have not ended, whose files may speak of the person: under pseudonyms, and only as long as there are
 * such imports.
 * @returns their ids
 */
async function tellImports(db: Db, pseudonyms: readonly string[], at: number): Promise<string[]> {
  const waiting = await db
    .selectFrom('jobs')
    .select(['id', 'created_at'])
    .where('type', '=', 'import')
    .where('state', 'not in', FINISHED_STATES)
    .orderBy('created_at')
    .orderBy('id')
    .execute();
  const oldest = waiting[0]?.created_at ?? Number.MAX_SAFE_INTEGER;
  await db.deleteFrom('erased_users').where('at', '<', oldest).execute();
  if (waiting.length === 0) return [];
  await db
    .insertInto('erased_users')
    .values(pseudonyms.map((pseudonym) => ({ pseudonym, at })))
    .onConflict((conflict) => conflict.column('pseudonym').doUpdateSet({ at }))
    .execute();
  return waiting.map(({ id }) => id);
}

export async function erasedSince(db: Db, at: number): Promise<string[]> {
  const rows = await db.selectFrom('erased_users').select('pseudonym').where('at', '>=', at).execute();
  return rows.map(({ pseudonym }) => pseudonym);
}
