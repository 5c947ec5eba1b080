import type { Engine } from './schema.ts';
import type { IdempotencyStore } from './store.ts';

/** How long an answer is remembered. */
const REMEMBERED_MS = 86_400_000;
/** A process that died while it answered does not block its key for longer. */
const ANSWERING_MS = 10 * 60_000;

export function createIdempotency(engine: Engine): IdempotencyStore {
  return {
    begin: ({ scope, key }) =>
      engine.write(async (db) => {
        const now = engine.now();
        await db
          .deleteFrom('idempotency_keys')
          .where((eb) =>
            eb.or([
              eb('created_at', '<=', now - REMEMBERED_MS),
              eb.and([eb('job_id', 'is', null), eb('created_at', '<=', now - ANSWERING_MS)]),
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
          .values({ scope, key, fingerprint: '', created_at: now, job_id: null })
          .execute();
        return { kind: 'new' };
      }),
    forget: ({ scope, key }) =>
      engine.write(async (db) => {
        await db
          .deleteFrom('idempotency_keys')
          .where('scope', '=', scope)
          .where('key', '=', key)
          .where('job_id', 'is', null)
          .execute();
      }),
  };
}
