import type { JobLogLine } from '../../domain/jobs/job.ts';
import type { SqlEngine } from '../engine/schema.ts';
import type { NewLogLine } from './contract.ts';
import { toLogLine } from './job-rows.ts';

/** A trainer that prints without end must not fill the database. */
const MOST_LINES = 20_000;
const ROWS_AT_ONCE = 100;

/** Numbered without gaps by a counter in the job's row; what goes beyond the limit is dropped. */
export async function addLogs(engine: SqlEngine, jobId: string, lines: readonly NewLogLine[]): Promise<void> {
  if (lines.length === 0) return;
  await engine.write(async (db) => {
    const job = await db.selectFrom('jobs').select('last_log').where('id', '=', jobId).executeTakeFirst();
    if (!job) return;
    const first = Number(job.last_log) + 1;
    const kept = lines.slice(0, Math.max(0, MOST_LINES - first + 1));
    const rows = kept.map((line, i) => ({ job_id: jobId, seq: first + i, ...line }));
    for (let i = 0; i < rows.length; i += ROWS_AT_ONCE) {
      await db
        .insertInto('job_logs')
        .values(rows.slice(i, i + ROWS_AT_ONCE))
        .execute();
    }
    const last = first + kept.length - 1;
    await db.updateTable('jobs').set({ last_log: last }).where('id', '=', jobId).execute();
  });
}

export async function readLogs(
  { reads }: SqlEngine,
  jobId: string,
  after: number,
  limit: number,
): Promise<JobLogLine[]> {
  const rows = await reads
    .selectFrom('job_logs')
    .selectAll()
    .where('job_id', '=', jobId)
    .where('seq', '>', after)
    .orderBy('seq')
    .limit(limit)
    .execute();
  return rows.map(toLogLine);
}
