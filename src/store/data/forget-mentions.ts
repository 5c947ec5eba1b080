import { sql } from 'kysely';
import type { SqlEngine } from '../engine/schema.ts';
import { mentions, withoutId } from './mentions.ts';

type Db = SqlEngine['reads'];

/** Lines that are looked at together. */
const ROWS = 1_000;

/** A table of what could not be stored, and the columns of its key. */
interface RejectTable {
  table: 'import_rejects' | 'consumer_rejects';
  key: readonly string[];
}

type RejectRow = Record<string, unknown> & { text: string };

const REJECTS: readonly RejectTable[] = [
  { table: 'import_rejects', key: ['job_id', 'line'] },
  { table: 'consumer_rejects', key: ['consumer', 'topic', 'part', 'message', 'row_number'] },
];

/**
 * Deletes bad lines of imports, and messages of consumers that could not be stored, that are a person's. Whose one is was written
 * down where it could be read; of others the text decides.
 * @returns how many
 */
export async function forgetRejects(db: Db, userId: string): Promise<number> {
  let count = 0;
  for (const rejects of REJECTS) count += await forgetIn(db, rejects, userId);
  return count;
}

async function forgetIn(db: Db, { table, key }: RejectTable, userId: string): Promise<number> {
  const [rows, columns] = [sql.table(table), sql.join(key.map((column) => sql.ref(column)))];
  const theirs = await sql`DELETE FROM ${rows} WHERE user_id = ${userId}`.execute(db);
  let count = Number(theirs.numAffectedRows ?? 0);
  // Escapes and doubled quotes hide an id from a search for it as it stands.
  const has = (part: string) => sql<boolean>`replace(text, ${part}, '') <> text`;
  let after: unknown[] | null = null;
  for (;;) {
    const behind = after === null ? sql`1 = 1` : sql`(${columns}) > (${sql.join(after)})`;
    const found: { rows: RejectRow[] } = await sql<RejectRow>`
      SELECT ${columns}, text FROM ${rows}
      WHERE user_id IS NULL AND ${behind} AND (${has(userId)} OR ${has('\\')} OR ${has('""')})
      ORDER BY ${columns} LIMIT ${ROWS}`.execute(db);
    for (const row of found.rows.filter(({ text }) => mentions(text, userId))) {
      await sql`DELETE FROM ${rows} WHERE (${columns}) = (${sql.join(key.map((column) => row[column]))})`.execute(
        db,
      );
      count++;
    }
    const last = found.rows.at(-1);
    if (found.rows.length < ROWS || !last) return count;
    after = key.map((column) => last[column]);
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
