import { type Kysely, type SqlBool, sql } from 'kysely';
import type { Schema, SqlEngine } from '../engine/schema.ts';

/** Deletes what is kept of jobs that ended long ago, in steps that hold other writers up for some milliseconds. */
export interface SweepStore {
  /** Kept bad lines. @returns the number of deleted rows, 0 when none are left */
  rejects(endedBefore: number): Promise<number>;
  /** Lines of logs, and events of progress: changes of state stay. */
  logs(endedBefore: number): Promise<number>;
  /** Whole jobs with all that is kept of them, but for those that a version, a schedule or an unfinished job names. */
  jobs(endedBefore: number): Promise<number>;
  /** Answers to idempotent requests that are remembered for longer than a day. */
  idempotencyKeys(): Promise<number>;
}

const ROWS = 1_000;
const JOBS = 20;
const DAY_MS = 86_400_000;

export function createSweep(engine: SqlEngine): SweepStore {
  /** Deletes rows of old jobs by their number within the job; the oldest first. */
  async function sweepRows(
    table: 'import_rejects' | 'job_logs' | 'job_events',
    number: 'line' | 'seq',
    endedBefore: number,
    condition = sql<SqlBool>`1 = 1`,
  ): Promise<number> {
    const [rows, order] = [sql.table(table), sql.ref(number)];
    return engine.write(async (db) => {
      const old = await sql<{ id: string }>`
        SELECT id FROM jobs WHERE finished_at IS NOT NULL AND finished_at < ${endedBefore}
          AND EXISTS (SELECT 1 FROM ${rows} WHERE job_id = jobs.id AND ${condition}) LIMIT 1`.execute(db);
      const id = old.rows[0]?.id;
      if (id === undefined) return 0;
      const last = await sql<{ last: number }>`
        SELECT max(${order}) AS last FROM (
          SELECT ${order} FROM ${rows} WHERE job_id = ${id} AND ${condition} ORDER BY ${order} LIMIT ${ROWS}
        ) AS step`.execute(db);
      const deleted = await sql`
        DELETE FROM ${rows} WHERE job_id = ${id} AND ${order} <= ${last.rows[0]!.last} AND ${condition}`.execute(
        db,
      );
      return Number(deleted.numAffectedRows ?? 0);
    });
  }

  return {
    rejects: (before) => sweepRows('import_rejects', 'line', before),
    async logs(before) {
      const lines = await sweepRows('job_logs', 'seq', before);
      return lines > 0 ? lines : sweepRows('job_events', 'seq', before, sql<SqlBool>`type = 'progress'`);
    },
    jobs: (before) => engine.write((db) => sweepJobs(db, before)),
    idempotencyKeys: () =>
      engine.write(async (db) => {
        const { numDeletedRows } = await db
          .deleteFrom('idempotency_keys')
          .where('created_at', '<=', engine.now() - DAY_MS)
          .executeTakeFirst();
        return Number(numDeletedRows);
      }),
  };
}

async function sweepJobs(db: Kysely<Schema>, endedBefore: number): Promise<number> {
  const { rows } = await sql<{ id: string }>`
    SELECT id FROM jobs WHERE finished_at IS NOT NULL AND finished_at < ${endedBefore}
      AND NOT EXISTS (SELECT 1 FROM model_versions WHERE job_id = jobs.id)
      AND NOT EXISTS (SELECT 1 FROM schedules WHERE last_job = jobs.id)
      AND NOT EXISTS (SELECT 1 FROM jobs other WHERE other.waits_for = jobs.id AND other.finished_at IS NULL)
    LIMIT ${JOBS}`.execute(db);
  const ids = rows.map(({ id }) => id);
  if (ids.length === 0) return 0;
  // Rows of rejects, logs and events go with their job.
  const { numDeletedRows } = await db.deleteFrom('jobs').where('id', 'in', ids).executeTakeFirst();
  return Number(numDeletedRows);
}
