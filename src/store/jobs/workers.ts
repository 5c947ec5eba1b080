import type { WorkerBeat } from '../../domain/jobs/worker.ts';
import { isoTime } from '../engine/iso-time.ts';
import type { SqlEngine } from '../engine/schema.ts';
import type { WorkerStore } from './contract.ts';

/** Workers that were not heard of for a day are forgotten at the next beat of another. */
const FORGOTTEN_MS = 86_400_000;

export function createWorkers(engine: SqlEngine): WorkerStore {
  return {
    beat: (worker) =>
      engine.write(async (db) => {
        const now = engine.now();
        const info = JSON.stringify(worker);
        await db
          .deleteFrom('workers')
          .where('seen_at', '<', now - FORGOTTEN_MS)
          .execute();
        await db
          .insertInto('workers')
          .values({ id: worker.id, started_at: now, seen_at: now, info })
          .onConflict((conflict) => conflict.column('id').doUpdateSet({ seen_at: now, info }))
          .execute();
      }),
    leave: (id) =>
      engine.write(async (db) => {
        await db.deleteFrom('workers').where('id', '=', id).execute();
      }),
    async alive(withinMs) {
      const rows = await engine.reads
        .selectFrom('workers')
        .selectAll()
        .where('seen_at', '>=', engine.now() - withinMs)
        .orderBy('id')
        .execute();
      return rows.map((row) => ({
        ...(JSON.parse(row.info) as WorkerBeat),
        startedAt: isoTime(row.started_at),
        seenAt: isoTime(row.seen_at),
      }));
    },
  };
}
