import { randomUUID } from 'node:crypto';
import type { SqlEngine } from '../engine/schema.ts';

interface JobMove {
  model: string;
  alias: string;
  version: number | null;
  action: string;
  jobId: string;
  /** Id of the key that asked for the job. */
  keyId: string | null;
  at: number;
}

/** Writes down that a job moved an alias, in the transaction in which it does; what requests do is written down by the api. */
export async function auditJobMove(db: SqlEngine['reads'], move: JobMove): Promise<void> {
  const { model, alias, version, action, jobId, keyId, at } = move;
  const targets = { name: model, alias, ...(version !== null && { version: String(version) }), jobId };
  await db
    .insertInto('audit')
    .values({
      ...{ id: randomUUID(), at, key_id: keyId, key_name: null, address: null },
      ...{ action: `job: alias ${action}`, targets: JSON.stringify(targets) },
      ...{ status: null, requests: 1, request_id: null },
    })
    .execute();
}
