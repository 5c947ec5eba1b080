import type { ExpressionBuilder, Kysely } from 'kysely';
import { problem } from '../../core/errors.ts';
import type { Schema, SqlEngine } from '../engine/schema.ts';
import type { CreateOptions, IdempotencyStore, IdempotentRequest } from './contract.ts';

/** How long an answer is remembered. */
const REMEMBERED_MS = 86_400_000;
/**
 * A reservation that its owner does not renew is free after so long: a process that was killed blocks its key for no longer.
 * Clocks of replicas that differ by more let two of them work on one request; the store lets one of them create the job.
 */
const LEASE_MS = 6_000;

export function createIdempotency(engine: SqlEngine): IdempotencyStore {
  return {
    begin: ({ scope, key, owner }) =>
      engine.write(async (db) => {
        const now = engine.now();
        await db
          .deleteFrom('idempotency_keys')
          .where((eb) =>
            eb.or([
              eb('created_at', '<=', now - REMEMBERED_MS),
              eb.and([eb('job_id', 'is', null), eb('created_at', '<=', now - LEASE_MS)]),
            ]),
          )
          .execute();
        const known = await db
          .selectFrom('idempotency_keys')
          .selectAll()
          .where('scope', '=', scope)
          .where('key', '=', key)
          .executeTakeFirst();
        if (known?.job_id) return { kind: 'done', jobId: known.job_id, fingerprint: known.fingerprint };
        if (known) return { kind: 'in-flight' };
        await db
          .insertInto('idempotency_keys')
          .values({ scope, key, fingerprint: owner, created_at: now, job_id: null })
          .execute();
        return { kind: 'new' };
      }),
    renew: (request) =>
      engine.write(async (db) => {
        await db
          .updateTable('idempotency_keys')
          .set({ created_at: engine.now() })
          .where(reservedBy(request))
          .execute();
      }),
    forget: (request) =>
      engine.write(async (db) => {
        await db.deleteFrom('idempotency_keys').where(reservedBy(request)).execute();
      }),
  };
}

/** Part of the transaction that creates the job. @throws problem('conflict') when the reservation is no longer the owner's */
export async function keepAnswer(
  db: Kysely<Schema>,
  jobId: string,
  { fingerprint, ...request }: NonNullable<CreateOptions['answers']>,
  now: number,
): Promise<void> {
  const { numUpdatedRows } = await db
    .updateTable('idempotency_keys')
    .set({ job_id: jobId, fingerprint, created_at: now })
    .where(reservedBy(request))
    .executeTakeFirst();
  if (numUpdatedRows > 0n) return;
  throw problem(
    'conflict',
    `Another request with the Idempotency-Key ${request.key} was faster; send it again for its answer.`,
  );
}

/** Finds a reservation: until there is a job its owner stands in the place of the fingerprint. */
function reservedBy({ scope, key, owner }: IdempotentRequest) {
  return (eb: ExpressionBuilder<Schema, 'idempotency_keys'>) =>
    eb.and([
      eb('scope', '=', scope),
      eb('key', '=', key),
      eb('fingerprint', '=', owner),
      eb('job_id', 'is', null),
    ]);
}
