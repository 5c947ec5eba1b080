import type { Kysely } from 'kysely';
import { newJobId } from '../../domain/base/job-id.ts';
import type { NewNotice } from '../../domain/notices/notice.ts';
import type { Schema } from '../engine/schema.ts';

/** Writes down what happens in the caller's transaction: if that fails, nothing happened and nothing is told. */
export async function addNotice(db: Kysely<Schema>, notice: NewNotice, at: number): Promise<void> {
  const { kind, model = null, version = null, job = null, data } = notice;
  const id = newJobId(at).replace('job_', 'ntc_');
  const row = { id, at, kind, model, version, job_id: job, data: JSON.stringify(data) };
  await db.insertInto('notices').values(row).execute();
}
