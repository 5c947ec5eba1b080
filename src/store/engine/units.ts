import { createHash } from 'node:crypto';
import type { Kysely } from 'kysely';
import type { Schema } from './schema.ts';

export const SALT_KEY = 'unit_salt';

/**
 * Name under which statistics count a user: equal for the same user, and of no use to anybody without the secret of the installation,
 * which no export and no backup holds.
 */
export function unitOf(salt: string, userId: string): string {
  return createHash('sha256').update(`${salt}\n${userId}`).digest('hex').slice(0, 24);
}

export async function readSalt(db: Kysely<Schema>): Promise<string> {
  const { value } = await db
    .selectFrom('meta')
    .select('value')
    .where('key', '=', SALT_KEY)
    .executeTakeFirstOrThrow();
  return value;
}

/** Removes from all statistics what was counted of these users. */
export async function forgetUnits(db: Kysely<Schema>, userIds: readonly string[]): Promise<void> {
  const salt = await readSalt(db);
  const units = userIds.map((userId) => unitOf(salt, userId));
  await db.deleteFrom('traffic_users').where('unit', 'in', units).execute();
  const served = db.selectFrom('served').select('id').where('unit', 'in', units);
  await db.deleteFrom('served_clicks').where('served_id', 'in', served).execute();
  await db.deleteFrom('served').where('unit', 'in', units).execute();
}
