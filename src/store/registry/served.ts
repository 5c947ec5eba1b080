import type { Kysely } from 'kysely';
import type { Cluster } from '../../domain/traffic/rates.ts';
import { isoTime } from '../engine/iso-time.ts';
import type { Schema, SqlEngine, UserCounts } from '../engine/schema.ts';
import { readSalt, unitOf } from '../engine/units.ts';
import type { Click, OnlineVersion, Served, ServedStore } from './contract.ts';
import { afterReaction, afterRecommendation } from './traffic-users.ts';

type Db = Kysely<Schema>;

/** Each column of each is a parameter, and PostgreSQL takes 65,535. */
const ROWS_AT_ONCE = 1000;

/** SQLite has a way of its own to write them. */
export function createServed({ reads, write, now }: SqlEngine): ServedStore {
  return {
    record: (served, limit) =>
      write(async (db) => {
        const salt = await readSalt(db);
        for (let i = 0; i < served.length; i += ROWS_AT_ONCE) {
          const part = served.slice(i, i + ROWS_AT_ONCE);
          const added = await db
            .insertInto('served')
            .values(part.map((row) => servedRow(row, salt)))
            .onConflict((conflict) => conflict.doNothing())
            .returning('id')
            .execute();
          const isNew = new Set(added.map(({ id }) => id));
          // Given twice it is counted once.
          for (const row of part) if (isNew.delete(row.id)) await countServed(db, row, salt);
        }
        const oldest = await db
          .selectFrom('served')
          .select('at')
          .orderBy('at', 'desc')
          .offset(limit)
          .limit(1)
          .executeTakeFirst();
        if (oldest) await forget(db, (ids) => ids.where('at', '<=', oldest.at));
      }),
    click: (clicks) =>
      write(async (db) => {
        for (const click of clicks) await addClick(db, click, now());
      }),
    async online(model, since) {
      const { shown, clicksOf } = await servedSince(reads, model, since);
      return countByVersion(shown, clicksOf);
    },
    async onlineByDay(model, since) {
      const { shown, clicksOf } = await servedSince(reads, model, since);
      const days = grouped(shown, ({ at }) => isoTime(Number(at)).slice(0, DATE_LENGTH));
      return [...days]
        .sort(([a], [b]) => (a < b ? -1 : 1))
        .map(([day, rows]) => ({ day, versions: countByVersion(rows, clicksOf) }));
    },
  };
}

/** Length of 2026-03-01. */
const DATE_LENGTH = 10;

async function servedSince(db: Db, model: string, since: number) {
  const shown = await db
    .selectFrom('served')
    .select(['id', 'version', 'variant', 'unit', 'items', 'at'])
    .where('model', '=', model)
    .where('at', '>=', since)
    .execute();
  const clicks = await db
    .selectFrom('served_clicks')
    .innerJoin('served', 'served.id', 'served_clicks.served_id')
    .select(['served_id', 'item_id', 'served_clicks.value', 'conversion'])
    .where('served.model', '=', model)
    .where('served.at', '>=', since)
    .execute();
  return { shown, clicksOf: grouped(clicks, ({ served_id }) => served_id) };
}

/** A recommendation as its row of the table. */
export function servedRow({ id, model, version, at, items, ...of }: Served, salt: string) {
  const { userId = null, variant = null, counted } = of;
  const unit = userId === null ? null : unitOf(salt, userId);
  return {
    ...{ id, model, version, at, items: JSON.stringify(items), unit, variant },
    epoch: unit === null || variant === null ? null : (counted?.epoch ?? null),
  };
}

type ServedIds = ReturnType<typeof servedIds>;

const servedIds = (db: Db) => db.selectFrom('served').select('id');

/** SQLite cascades only where foreign keys are switched on. */
async function forget(db: Db, which: (ids: ServedIds) => ServedIds): Promise<void> {
  await db
    .deleteFrom('served_clicks')
    .where('served_id', 'in', which(servedIds(db)))
    .execute();
  await db
    .deleteFrom('served')
    .where('id', 'in', which(servedIds(db)))
    .execute();
}

async function countServed(db: Db, served: Served, salt: string): Promise<void> {
  const { model, at, unit, variant, epoch } = servedRow(served, salt);
  if (epoch === null) return;
  const { windowMs } = served.counted!;
  const shown = { model, unit: unit!, variant: variant!, epoch, at, windowMs };
  await keepUser(db, afterRecommendation(await userOf(db, model, unit!), shown));
}

function userOf(db: Db, model: string, unit: string): Promise<UserCounts | undefined> {
  return db
    .selectFrom('traffic_users')
    .selectAll()
    .where('model', '=', model)
    .where('unit', '=', unit)
    .executeTakeFirst();
}

async function keepUser(db: Db, row: UserCounts | null): Promise<void> {
  if (!row) return;
  await db
    .insertInto('traffic_users')
    .values(row)
    .onConflict((conflict) => conflict.columns(['model', 'unit']).doUpdateSet(row))
    .execute();
}

async function addClick(db: Db, click: Click, at: number): Promise<void> {
  const { recommendationId: id, itemId, type, isConversion = false, value = null } = click;
  const served = await db
    .selectFrom('served')
    .select(['items', 'model', 'unit', 'variant', 'epoch'])
    .where('id', '=', id)
    .executeTakeFirst();
  if (!served || !(JSON.parse(served.items) as string[]).includes(itemId)) return;
  const before = await db
    .selectFrom('served_clicks')
    .select('item_id')
    .where('served_id', '=', id)
    .limit(1)
    .executeTakeFirst();
  const added = await db
    .insertInto('served_clicks')
    .values({ served_id: id, item_id: itemId, type, at, value, conversion: isConversion ? 1 : 0 })
    .onConflict((conflict) => conflict.doNothing())
    .returning('served_id')
    .execute();
  const { model, unit, variant, epoch } = served;
  if (added.length === 0 || epoch === null || unit === null || variant === null) return;
  const reaction = { epoch, variant, at, isFirst: !before, isConversion, value };
  await keepUser(db, afterReaction(await userOf(db, model, unit), reaction));
}

type Shown = Pick<Schema['served'], 'id' | 'version' | 'variant' | 'unit' | 'items' | 'at'>;

interface Clicked {
  served_id: string;
  item_id: string;
  value: number | null;
  conversion: number;
}

function countByVersion(
  shown: readonly Shown[],
  clicksOf: ReadonlyMap<string, readonly Clicked[]>,
): OnlineVersion[] {
  const byVariant = grouped(shown, ({ version, variant }) => JSON.stringify([version, variant]));
  return [...byVariant.values()]
    .map((rows) => countRows(rows, clicksOf))
    .sort((a, b) => b.version - a.version || ((a.variant ?? '') < (b.variant ?? '') ? -1 : 1));
}

function grouped<T>(rows: readonly T[], keyOf: (row: T) => string): Map<string, T[]> {
  const groups = new Map<string, T[]>();
  for (const row of rows) {
    const group = groups.get(keyOf(row));
    if (group) group.push(row);
    else groups.set(keyOf(row), [row]);
  }
  return groups;
}

function countRows(rows: readonly Shown[], clicksOf: ReadonlyMap<string, readonly Clicked[]>): OnlineVersion {
  const { version, variant } = rows[0]!;
  const count = { version, variant, itemsShown: 0, itemsClicked: 0 };
  const sum: Cluster = { served: 0, clicked: 0, conversions: 0, revenue: 0 };
  const clusters = new Map<string, Cluster>();
  for (const { id, unit, items } of rows) {
    const clicked = clicksOf.get(id) ?? [];
    count.itemsShown += (JSON.parse(items) as string[]).length;
    count.itemsClicked += new Set(clicked.map(({ item_id }) => item_id)).size;
    const bought = clicked.filter(({ conversion }) => conversion === 1);
    const key = unit ?? `alone ${id}`;
    const own = clusters.get(key) ?? { served: 0, clicked: 0, conversions: 0, revenue: 0 };
    clusters.set(key, own);
    for (const one of [own, sum]) {
      one.served++;
      one.clicked += clicked.length > 0 ? 1 : 0;
      one.conversions += bought.length;
      one.revenue += bought.reduce((total, { value }) => total + (value ?? 0), 0);
    }
  }
  return { ...count, ...sum, clusters: [...clusters.values()] };
}
