import { randomUUID } from 'node:crypto';
import type { SqlEngine } from '../engine/schema.ts';

interface OwnMove {
  model: string;
  alias: string;
  version: number | null;
  /** Who moved it and how, as in `job: alias published`. */
  action: string;
  jobId?: string;
  /** Id of the key that asked for the job. */
  keyId?: string | null;
  at: number;
}

/**
 * Writes down that a job or the end of an experiment moved an alias, in the transaction in which it does; what requests do is
 * written down by the api.
 */
export async function auditOwnMove(db: SqlEngine['reads'], move: OwnMove): Promise<void> {
  const { model, alias, version, action, jobId, keyId = null, at } = move;
  const targets = {
    name: model,
    alias,
    ...(version !== null && { version: String(version) }),
    ...(jobId && { jobId }),
  };
  await db
    .insertInto('audit')
    .values({
      ...{ id: randomUUID(), at, key_id: keyId, key_name: null, address: null },
      ...{ action, targets: JSON.stringify(targets) },
      ...{ status: null, requests: 1, request_id: null },
    })
    .execute();
}
