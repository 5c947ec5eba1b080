import type { StoredItem, StoredUser } from '../../domain/data/catalogue.ts';
import type { StoredInteraction } from '../../domain/data/interaction.ts';
import type { SqlEngine } from '../engine/schema.ts';
import { ITEM_COLUMNS, toItem } from './catalogue-rows.ts';
import type { ExportFilter, ExportPage, ExportStore, InteractionPosition } from './contract.ts';
import { toInteraction } from './interaction-rows.ts';

type Reads = SqlEngine['reads'];

/** Whole tables in pages, each a short walk along an index, so that neither writers nor the event loop wait for an export. */
export function createExports({ reads }: { reads: Reads }): ExportStore {
  return {
    async newestInteraction() {
      const { seq } = await reads
        .selectFrom('interactions')
        .select((eb) => eb.fn.max('seq').as('seq'))
        .executeTakeFirstOrThrow();
      return Number(seq ?? 0);
    },
    interactions: (after, until, limit, filter) =>
      filter.since === undefined && filter.until === undefined
        ? inStorageOrder(reads, after?.seq ?? 0, until, limit, filter)
        : inTimeOrder(reads, after, until, limit, filter),
    async items(after = 0, limit) {
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
    async users(after = 0, limit) {
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

async function inStorageOrder(
  reads: Reads,
  after: number,
  until: number,
  limit: number,
  { type }: ExportFilter,
) {
  const rows = await rowsUpTo(reads, until)
    .where('i.seq', '>', after)
    .orderBy('i.seq')
    .limit(limit)
    .execute();
  return interactionPage(rows, limit, type);
}

/**
 * Reads in the order of time, in two ranges that are each one stretch of the index: the rest of the last row's
 * moment, and later moments.
 */
async function inTimeOrder(
  reads: Reads,
  after: InteractionPosition | undefined,
  until: number,
  limit: number,
  { type, since = 0, until: before = Number.MAX_SAFE_INTEGER }: ExportFilter,
) {
  const rows = [];
  let from = since;
  if (after) {
    const rest = rowsUpTo(reads, until)
      .where('i.timestamp', '=', after.timestamp)
      .where('i.seq', '>', after.seq);
    rows.push(...(await rest.orderBy('i.seq').limit(limit).execute()));
    from = after.timestamp! + 1;
  }
  if (rows.length < limit && from < before) {
    const later = rowsUpTo(reads, until).where('i.timestamp', '>=', from).where('i.timestamp', '<', before);
    const ordered = later
      .orderBy('i.timestamp')
      .orderBy('i.seq')
      .limit(limit - rows.length);
    rows.push(...(await ordered.execute()));
  }
  return interactionPage(rows, limit, type);
}

/** Cross joins keep the order as written: the rows by their index first, then one user, item and type each. */
function rowsUpTo(reads: Reads, until: number) {
  return reads
    .selectFrom('interactions as i')
    .crossJoin('users as user')
    .crossJoin('items as item')
    .crossJoin('types as type')
    .whereRef('user.user_key', '=', 'i.user_key')
    .whereRef('item.item_key', '=', 'i.item_key')
    .whereRef('type.type_key', '=', 'i.type_key')
    .where('i.seq', '<=', until)
    .select([
      'i.seq',
      'user.user_id',
      'item.item_id',
      'type.type',
      'i.value',
      'i.timestamp',
      'i.event_id',
      'i.received',
      'i.context',
    ]);
}

type Row = Awaited<ReturnType<ReturnType<typeof rowsUpTo>['execute']>>[number];

/** The type is looked at after the page is read: a page stays one short read, however rare what is asked for. */
function interactionPage(
  rows: Row[],
  limit: number,
  type: string | undefined,
): ExportPage<StoredInteraction, InteractionPosition> {
  const last = rows.at(-1);
  const kept = type === undefined ? rows : rows.filter((row) => row.type === type);
  const next = last && rows.length === limit ? { seq: Number(last.seq), timestamp: last.timestamp } : null;
  return { rows: kept.map(toInteraction), next };
}

function pageOf<T>(read: readonly unknown[], limit: number, last: number, rows: T[]): ExportPage<T> {
  return { rows, next: read.length < limit ? null : last };
}
