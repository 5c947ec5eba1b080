import type { Kysely } from 'kysely';
import { problem } from '../../core/errors.ts';
import type { Job } from '../../domain/jobs/job.ts';
import type { Schema } from '../engine/schema.ts';
import type { NewJob } from './contract.ts';
import { toJob } from './job-rows.ts';

/** @throws problem('queue-full') when as many jobs are queued as may be */
export async function refuseBeyond(db: Kysely<Schema>, mostQueued: number | undefined): Promise<void> {
  if (mostQueued === undefined) return;
  const { queued } = await db
    .selectFrom('jobs')
    .select((eb) => eb.fn.countAll<number>().as('queued'))
    .where('state', '=', 'queued')
    .executeTakeFirstOrThrow();
  if (Number(queued) < mostQueued) return;
  throw problem(
    'queue-full',
    `${queued} jobs are waiting, and no more than ${mostQueued} may; try again when some are done.`,
  );
}

/** The record and its first event, in the caller's transaction. */
export async function insertJob(db: Kysely<Schema>, job: NewJob, at: number): Promise<Job> {
  const row = await db
    .insertInto('jobs')
    .values({ ...newRow(job), created_at: at })
    .onConflict((conflict) => conflict.doNothing())
    .returningAll()
    .executeTakeFirst();
  if (!row) throw problem('conflict', `There is already a job ${job.id}`);
  await db
    .insertInto('job_events')
    .values({ job_id: job.id, seq: 1, at, type: 'state', data: '{"state":"queued"}' })
    .execute();
  return toJob(row);
}

function newRow(job: NewJob) {
  return {
    id: job.id,
    type: job.type,
    state: 'queued',
    model: job.model,
    spec: JSON.stringify(job.spec),
    attempts: 0,
    last_event: 1,
    priority: job.priority ?? 0,
    not_before: job.notBefore ?? null,
    retried_from: job.retriedFrom ?? null,
    key_id: job.keyId ?? null,
    exclusive: job.exclusive ?? null,
    schedule_id: job.scheduleId ?? null,
    waits_for: job.leader ?? null,
    plan: job.plan ? JSON.stringify(job.plan) : null,
    trace: job.trace ? JSON.stringify(job.trace) : null,
  };
}
