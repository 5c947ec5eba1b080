import { sql } from 'kysely';
import type { StoredItem } from '../../domain/data/catalogue.ts';
import type { SqlEngine } from '../engine/schema.ts';
import { ITEM_COLUMNS, toItem } from './catalogue-rows.ts';

/** The last item of a page, after which the next one begins. */
export interface LatestCursor {
  since: number;
  itemKey: number;
}

export interface LatestPage {
  /** With the time since when each can be had, in milliseconds; 0 where that is not known. */
  items: (StoredItem & { since: number })[];
  next: LatestCursor | null;
}

/** The expression of the index items_latest, word for word: otherwise no engine uses it. */
const since = sql<number>`coalesce(available_from, added_at, 0)`;

/** Reads the catalogue, the newest first; hidden and unavailable items too. */
export async function latestItems(
  { reads }: SqlEngine,
  limit: number,
  after?: LatestCursor,
): Promise<LatestPage> {
  let query = reads
    .selectFrom('items')
    .select(['item_key', ...ITEM_COLUMNS])
    .select(since.as('since'))
    .where(sql<boolean>`in_catalogue = 1`);
  if (after) {
    query = query.where((eb) =>
      eb.or([
        eb(since, '<', after.since),
        eb.and([eb(since, '=', after.since), eb('item_key', '<', after.itemKey)]),
      ]),
    );
  }
  const rows = await query.orderBy(since, 'desc').orderBy('item_key', 'desc').limit(limit).execute();
  const last = rows.length === limit ? rows.at(-1)! : null;
  return {
    items: rows.map((row) => ({ ...toItem(row), since: Number(row.since) })),
    next: last && { since: Number(last.since), itemKey: last.item_key },
  };
}

/** The ids of which neither the catalogue nor any interaction speaks, and those of deleted items. */
export async function unknownItems({ reads }: SqlEngine, itemIds: readonly string[]): Promise<string[]> {
  if (itemIds.length === 0) return [];
  const rows = await reads
    .selectFrom('items')
    .select('item_id')
    .where('item_id', 'in', itemIds)
    .where((eb) => eb.or([eb('in_catalogue', '=', 1), eb('hidden', '=', 0)]))
    .execute();
  const known = new Set(rows.map((row) => row.item_id));
  return itemIds.filter((id) => !known.has(id));
}
