import { randomUUID } from 'node:crypto';
import type { SqlEngine } from '../engine/schema.ts';

type Db = SqlEngine['reads'];

const CLAIM = 'popularity_claim';
/** A process that has been silent for so long has lost its claim; the claim is renewed while it counts. */
const CLAIM_MS = 60_000;

/** Makes sure that one process at a time computes. */
export function createClaim(engine: SqlEngine) {
  const id = randomUUID();
  let renewedAt = 0;
  return {
    take: () =>
      engine.write(async (db) => {
        const held = await readMeta<{ id: string; until: number }>(db, CLAIM);
        if (held && held.until > engine.now()) return false;
        await writeMeta(db, CLAIM, { id, until: engine.now() + CLAIM_MS });
        renewedAt = performance.now();
        return true;
      }),
    async renew() {
      if (performance.now() - renewedAt < CLAIM_MS / 4) return;
      await engine.write((db) => writeMeta(db, CLAIM, { id, until: engine.now() + CLAIM_MS }));
      renewedAt = performance.now();
    },
    release: () =>
      engine.write(async (db) => {
        const held = await readMeta<{ id: string; until: number }>(db, CLAIM);
        if (held?.id === id) await db.deleteFrom('meta').where('key', '=', CLAIM).execute();
      }),
  };
}

export async function readMeta<T>(db: Db, key: string): Promise<T | null> {
  const row = await db.selectFrom('meta').select('value').where('key', '=', key).executeTakeFirst();
  return row ? (JSON.parse(row.value) as T) : null;
}

export async function writeMeta(db: Db, key: string, value: unknown): Promise<void> {
  const text = JSON.stringify(value);
  await db
    .insertInto('meta')
    .values({ key, value: text })
    .onConflict((conflict) => conflict.column('key').doUpdateSet({ value: text }))
    .execute();
}
