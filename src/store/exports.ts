import type { StoredItem, StoredUser } from '../domain/catalogue.ts';
import type { StoredInteraction } from '../domain/interaction.ts';
import { ITEM_COLUMNS, toItem } from './catalogue.ts';
import type { Engine } from './schema.ts';
import type { ExportFilter, ExportPage, ExportStore } from './store.ts';

/** Whole tables in pages, each a short index scan, so that neither writers nor the event loop wait for an export. */
export function createExports({ reads }: Pick<Engine, 'reads'>): ExportStore {
  return {
    async newestInteraction() {
      const { seq } = await reads
        .selectFrom('interactions')
        .select((eb) => eb.fn.max('seq').as('seq'))
        .executeTakeFirstOrThrow();
      return Number(seq ?? 0);
    },
    async interactions(after, until, limit, filter) {
      // Cross joins keep the order as written: the rows by seq first, then one user, item and type each.
      const rows = await reads
        .selectFrom('interactions as i')
        .crossJoin('users as user')
        .crossJoin('items as item')
        .crossJoin('types as type')
        .whereRef('user.user_key', '=', 'i.user_key')
        .whereRef('item.item_key', '=', 'i.item_key')
        .whereRef('type.type_key', '=', 'i.type_key')
        .where('i.seq', '>', after)
        .where('i.seq', '<=', until)
        .select([
          'i.seq',
          'user.user_id',
          'item.item_id',
          'type.type',
          'i.value',
          'i.timestamp',
          'i.event_id',
        ])
        .orderBy('i.seq')
        .limit(limit)
        .execute();
      const kept = rows.filter((row) => passes(filter, row.type, row.timestamp));
      return pageOf(rows, limit, Number(rows.at(-1)?.seq ?? after), kept.map(toInteraction));
    },
    async items(after, limit) {
      const rows = await reads
        .selectFrom('items')
        .select(['item_key', ...ITEM_COLUMNS])
        .where('item_key', '>', after)
        .orderBy('item_key')
        .limit(limit)
        .select('in_catalogue')
        .execute();
      const kept: StoredItem[] = rows.filter((row) => row.in_catalogue === 1).map(toItem);
      return pageOf(rows, limit, rows.at(-1)?.item_key ?? after, kept);
    },
    async users(after, limit) {
      const rows = await reads
        .selectFrom('users')
        .select(['user_key', 'user_id', 'features'])
        .where('user_key', '>', after)
        .orderBy('user_key')
        .limit(limit)
        .execute();
      const kept = rows
        .filter((row) => row.features !== null)
        .map((row): StoredUser => ({ userId: row.user_id, features: JSON.parse(row.features!) }));
      return pageOf(rows, limit, rows.at(-1)?.user_key ?? after, kept);
    },
  };
}

/** The filter is applied after the page is read: a page stays one short read, however rare what is asked for. */
function pageOf<T>(read: readonly unknown[], limit: number, last: number, rows: T[]): ExportPage<T> {
  return { rows, next: read.length < limit ? null : last };
}

function passes({ type, since, until }: ExportFilter, rowType: string, time: number | null): boolean {
  if (type !== undefined && rowType !== type) return false;
  if (since !== undefined && (time === null || time < since)) return false;
  return until === undefined || (time !== null && time < until);
}

function toInteraction(row: {
  user_id: string;
  item_id: string;
  type: string;
  value: number | null;
  timestamp: number | null;
  event_id: string | null;
}): StoredInteraction {
  return {
    userId: row.user_id,
    itemId: row.item_id,
    type: row.type,
    value: row.value,
    timestamp: row.timestamp,
    eventId: row.event_id,
  };
}
