import { sql } from 'kysely';
import type { Coverage } from '../../domain/data/unlisted.ts';
import type { SqlEngine } from '../engine/schema.ts';

/** The condition of the partial index items_unlisted, word for word: otherwise SQLite does not use it. */
const UNLISTED = sql<boolean>`in_catalogue = 0 AND hidden = 0`;

export async function coverage(reads: SqlEngine['reads']): Promise<Coverage> {
  const { unlisted } = await reads
    .selectFrom('items')
    .select((eb) => eb.fn.countAll<number>().as('unlisted'))
    .where(UNLISTED)
    .executeTakeFirstOrThrow();
  const { listed } = await reads
    .selectFrom((db) =>
      db
        .selectFrom('items')
        .select('item_key')
        .where(sql<boolean>`in_catalogue = 1 AND hidden = 0`)
        .limit(Math.max(1, Number(unlisted)))
        .as('some'),
    )
    .select((eb) => eb.fn.countAll<number>().as('listed'))
    .executeTakeFirstOrThrow();
  return { listed: Number(listed), unlisted: Number(unlisted) };
}

export async function unlistedItems(reads: SqlEngine['reads']): Promise<string[]> {
  const rows = await reads.selectFrom('items').select('item_id').where(UNLISTED).execute();
  return rows.map(({ item_id }) => item_id);
}
