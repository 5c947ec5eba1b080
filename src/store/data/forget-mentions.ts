import { sql } from 'kysely';
import type { SqlEngine } from '../engine/schema.ts';
import { mentions, withoutId } from './mentions.ts';

type Db = SqlEngine['reads'];

/** Lines that are looked at together. */
const ROWS = 1_000;

/**
 * Deletes bad lines of imports that are a person's. Whose a line is was written down where it could be read; of other lines the text
 * decides.
 * @returns how many
 */
export async function forgetRejects(db: Db, userId: string): Promise<number> {
  const theirs = await db
    .deleteFrom('import_rejects')
    .where('user_id', '=', userId)
    .returning('line')
    .execute();
  let count = theirs.length;
  // Escapes and doubled quotes hide an id from a search for it as it stands.
  const has = (part: string) => sql<boolean>`replace(text, ${part}, '') <> text`;
  for (let after = ['', 0] as [string, number]; ; ) {
    const rows = await db
      .selectFrom('import_rejects')
      .select(['job_id', 'line', 'text'])
      .where('user_id', 'is', null)
      .where((eb) => eb(eb.refTuple('job_id', 'line'), '>', eb.tuple(...after)))
      .where((eb) => eb.or([has(userId), has('\\'), has('""')]))
      .orderBy('job_id')
      .orderBy('line')
      .limit(ROWS)
      .execute();
    for (const { job_id, line } of rows.filter(({ text }) => mentions(text, userId))) {
      await db.deleteFrom('import_rejects').where('job_id', '=', job_id).where('line', '=', line).execute();
      count++;
    }
    const last = rows.at(-1);
    if (rows.length < ROWS || !last) return count;
    after = [last.job_id, last.line];
  }
}

/** Takes the id of a person out of what trainers printed. @returns how many lines had it */
export async function forgetLogs(db: Db, userId: string): Promise<number> {
  const inJson = JSON.stringify(userId).slice(1, -1);
  const rows = await db
    .selectFrom('job_logs')
    .select(['job_id', 'seq', 'message'])
    .where((eb) =>
      eb.or([userId, inJson].map((part) => sql<boolean>`replace(message, ${part}, '') <> message`)),
    )
    .execute();
  let count = 0;
  for (const { job_id, seq, message } of rows) {
    const without = withoutId(message, userId);
    if (without === message) continue;
    await db
      .updateTable('job_logs')
      .set({ message: without })
      .where('job_id', '=', job_id)
      .where('seq', '=', seq)
      .execute();
    count++;
  }
  return count;
}
