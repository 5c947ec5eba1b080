import { setImmediate as nextTurn } from 'node:timers/promises';
import type { PopularityRow } from '../../domain/data/popularity.ts';
import type { SqlEngine } from '../engine/schema.ts';

/** The interactions of each user together, the oldest first; those without a time first of all. */
export async function* usersOf(reads: SqlEngine['reads'], pageRows: number): AsyncGenerator<PopularityRow[]> {
  const types = new Map(
    (await reads.selectFrom('types').selectAll().execute()).map(({ type_key, type }) => [type_key, type]),
  );
  const { last } = await reads
    .selectFrom('users')
    .select((eb) => eb.fn.max('user_key').as('last'))
    .executeTakeFirstOrThrow();
  let width = 64;
  for (let from = 0; from < Number(last ?? 0); ) {
    const rows = await reads
      .selectFrom('interactions')
      .select(['user_key', 'item_key', 'type_key', 'value', 'timestamp'])
      .where('user_key', '>', from)
      .where('user_key', '<=', from + width)
      .orderBy('user_key')
      .orderBy('timestamp')
      .orderBy('seq')
      .execute();
    for (let at = 0; at < rows.length; ) {
      const user = rows[at]!.user_key;
      const own: (PopularityRow & { timestamp: number | null })[] = [];
      for (; at < rows.length && rows[at]!.user_key === user; at++) {
        const { item_key, type_key, value, timestamp } = rows[at]!;
        // A type that came in since has no name here; its rows count the next time.
        const type = types.get(type_key);
        if (type !== undefined) own.push({ itemKey: item_key, type, value, timestamp });
      }
      yield own.sort((a, b) => (a.timestamp ?? -1) - (b.timestamp ?? -1));
    }
    from += width;
    // Users differ in their histories: the stretch goes by how full the last one was.
    width = Math.max(
      1,
      Math.min(100_000, Math.round((width * pageRows) / Math.max(rows.length, pageRows / 4))),
    );
    await nextTurn();
  }
}
