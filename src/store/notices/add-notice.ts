import type { Kysely } from 'kysely';
import { newJobId } from '../../domain/base/job-id.ts';
import type { NewNotice } from '../../domain/notices/notice.ts';
import { deliveryBody, wantsNotice } from '../../domain/notices/webhook.ts';
import type { Schema } from '../engine/schema.ts';

/**
 * Writes down what happens in the caller's transaction, and who is to be told: if that fails, nothing happened and nobody is told.
 */
export async function addNotice(db: Kysely<Schema>, notice: NewNotice, at: number): Promise<void> {
  const { kind, model = null, version = null, job = null, data } = notice;
  const id = newJobId(at).replace('job_', 'ntc_');
  const row = { id, at, kind, model, version, job_id: job, data: JSON.stringify(data) };
  await db.insertInto('notices').values(row).execute();
  const webhooks = await db
    .selectFrom('webhooks')
    .select(['id', 'kinds', 'models'])
    .where('enabled', '=', 1)
    .execute();
  const wanting = webhooks.filter(({ kinds, models }) =>
    wantsNotice({ kinds: listOf(kinds), models: listOf(models) }, notice),
  );
  if (wanting.length === 0) return;
  const body = deliveryBody(kind, at, { notice: id, model, version, job, ...data });
  const trace = await traceOf(db, job);
  for (const webhook of wanting) await addDelivery(db, webhook.id, kind, body, at, trace);
}

/** Where the trace of a job goes on, as it is on record. */
async function traceOf(db: Kysely<Schema>, job: string | null): Promise<string | null> {
  if (job === null) return null;
  const row = await db.selectFrom('jobs').select('trace').where('id', '=', job).executeTakeFirst();
  return row?.trace ?? null;
}

/** @returns its id */
export async function addDelivery(
  db: Kysely<Schema>,
  webhookId: string,
  kind: string,
  body: string,
  at: number,
  trace: string | null = null,
): Promise<string> {
  const id = newJobId(at).replace('job_', 'msg_');
  const row = { id, webhook_id: webhookId, kind, body, created_at: at, next_at: at, trace };
  await db.insertInto('webhook_deliveries').values(row).execute();
  return id;
}

/** A list that a column has as JSON, or null for everything. */
export const listOf = <T>(text: string | null): T[] | null => (text === null ? null : JSON.parse(text));
