import type { EventMeaning } from '../../domain/data/event-meaning.ts';
import type { SqlEngine } from '../engine/schema.ts';
import type { EventTypeStore } from './contract.ts';

export function createEventTypes({ reads, write, now }: SqlEngine): EventTypeStore {
  return {
    async list() {
      const rows = await reads.selectFrom('event_types').selectAll().orderBy('type').execute();
      return rows.map(({ type, meaning, updated_at }) => ({
        type,
        meaning: JSON.parse(meaning) as EventMeaning,
        updatedAt: updated_at,
      }));
    },
    put: (type, meaning) =>
      write(async (db) => {
        const row = { meaning: JSON.stringify(meaning), updated_at: now() };
        await db
          .insertInto('event_types')
          .values({ type, ...row })
          .onConflict((conflict) => conflict.column('type').doUpdateSet(row))
          .execute();
        return { type, meaning, updatedAt: row.updated_at };
      }),
    remove: (type) =>
      write(async (db) => {
        const { numDeletedRows } = await db
          .deleteFrom('event_types')
          .where('type', '=', type)
          .executeTakeFirstOrThrow();
        return numDeletedRows > 0n;
      }),
  };
}
