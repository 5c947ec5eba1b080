import type { Kysely, Selectable } from 'kysely';
import { AppError } from '../../core/errors.ts';
import { newJobId } from '../../domain/base/job-id.ts';
import type { DriftCheck } from '../../domain/drift/drift-check.ts';
import { FINISHED_STATES, type JobState } from '../../domain/jobs/job.ts';
import { isoTime } from '../engine/iso-time.ts';
import type { Schema } from '../engine/schema.ts';
import { insertJob, refuseBeyond } from '../jobs/job-insert.ts';
import { addNotice } from '../notices/add-notice.ts';
import type { ClaimedCheck, EndOfCheck } from './contract.ts';

type Row = Selectable<Schema['drift_settings']>;

/** Keeps what a check has found, within the caller's transaction. @returns null where the check was no longer ours */
export async function recordCheck(
  db: Kysely<Schema>,
  { model, revision }: Pick<ClaimedCheck, 'model' | 'revision'>,
  { check, nextAt, retrain, mostQueued }: EndOfCheck,
  at: number,
): Promise<DriftCheck | null> {
  const row = await db
    .selectFrom('drift_settings')
    .selectAll()
    .where('model', '=', model)
    .where('revision', '=', revision)
    .executeTakeFirst();
  if (!row) return null;
  const { state, figures, broken } = check;
  const retraining = state === 'drifted' && retrain ? await start(db, row, retrain, mostQueued, at) : null;
  const jobId = retraining?.jobId ?? null;
  const id = newJobId(at).replace('job_', 'drf_');
  const result = { figures, broken, retraining };
  await db
    .insertInto('drift_checks')
    .values({ id, model, at, state, result: JSON.stringify(result) })
    .execute();
  const drifted = state === 'not-measured' ? row.drifted : Number(state === 'drifted');
  await db
    .updateTable('drift_settings')
    .set({
      next_at: nextAt,
      claimed_until: null,
      drifted,
      ...(jobId !== null && { last_job: jobId, last_job_at: at }),
    })
    .where('model', '=', model)
    .execute();
  // Told when it begins and when it ends, and not at every check in between.
  if (drifted !== row.drifted) {
    const kind = drifted ? 'drift.found' : 'drift.over';
    const version = figures.version ?? undefined;
    const data = { check: id, figures, broken, retraining };
    await addNotice(db, { kind, model, version, job: jobId ?? undefined, data }, at);
  }
  return { id, at: isoTime(at), state, ...result };
}

async function start(
  db: Kysely<Schema>,
  row: Row,
  retrain: NonNullable<EndOfCheck['retrain']>,
  mostQueued: number | undefined,
  at: number,
): Promise<NonNullable<DriftCheck['retraining']>> {
  if ('reason' in retrain) return { jobId: null, reason: retrain.reason };
  const reason =
    (await unfinished(db, row)) ?? pausing(row, retrain.pauseMs, at) ?? (await fullQueue(db, mostQueued));
  if (reason !== null) return { jobId: null, reason };
  const jobId = newJobId(at);
  await insertJob(db, { ...retrain.job, id: jobId }, at);
  return { jobId, reason: null };
}

async function unfinished(db: Kysely<Schema>, { last_job: id }: Row): Promise<string | null> {
  if (id === null) return null;
  const job = await db.selectFrom('jobs').select('state').where('id', '=', id).executeTakeFirst();
  if (!job || FINISHED_STATES.includes(job.state as JobState)) return null;
  return `The last job for drift, ${id}, is still ${job.state}.`;
}

function pausing({ last_job: id, last_job_at: lastAt }: Row, pauseMs: number, at: number): string | null {
  if (id === null || lastAt === null || at - lastAt >= pauseMs) return null;
  return `The last job for drift, ${id}, was started at ${isoTime(lastAt)}; the next may start at ${isoTime(lastAt + pauseMs)}.`;
}

async function fullQueue(db: Kysely<Schema>, mostQueued: number | undefined): Promise<string | null> {
  try {
    await refuseBeyond(db, mostQueued);
    return null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'queue-full') return error.detail;
    throw error;
  }
}
