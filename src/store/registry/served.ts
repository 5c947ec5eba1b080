import type { Kysely } from 'kysely';
import type { Schema, SqlEngine } from '../engine/schema.ts';
import type { Click, ServedStore } from './contract.ts';

/** Each column of each is a parameter, and PostgreSQL takes 65,535. */
const ROWS_AT_ONCE = 1000;

/** SQLite has a way of its own to write them. */
export function createServed({ reads, write, now }: SqlEngine): ServedStore {
  return {
    record: (served, limit) =>
      write(async (db) => {
        for (let i = 0; i < served.length; i += ROWS_AT_ONCE) {
          const rows = served.slice(i, i + ROWS_AT_ONCE);
          await db
            .insertInto('served')
            .values(rows.map(({ items, ...row }) => ({ ...row, items: JSON.stringify(items) })))
            .onConflict((conflict) => conflict.doNothing())
            .execute();
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
      const shown = await reads
        .selectFrom('served')
        .select(['id', 'version', 'items'])
        .where('model', '=', model)
        .where('at', '>=', since)
        .execute();
      const clicks = await reads
        .selectFrom('served_clicks')
        .innerJoin('served', 'served.id', 'served_clicks.served_id')
        .select(['served_clicks.served_id', 'served_clicks.item_id'])
        .distinct()
        .where('served.model', '=', model)
        .where('served.at', '>=', since)
        .execute();
      return countByVersion(shown, clicks);
    },
  };
}

type ServedIds = ReturnType<typeof servedIds>;

const servedIds = (db: Kysely<Schema>) => db.selectFrom('served').select('id');

/** SQLite cascades only where foreign keys are switched on. */
async function forget(db: Kysely<Schema>, which: (ids: ServedIds) => ServedIds): Promise<void> {
  await db
    .deleteFrom('served_clicks')
    .where('served_id', 'in', which(servedIds(db)))
    .execute();
  await db
    .deleteFrom('served')
    .where('id', 'in', which(servedIds(db)))
    .execute();
}

async function addClick(db: Kysely<Schema>, click: Click, at: number): Promise<void> {
  const served = await db
    .selectFrom('served')
    .select('items')
    .where('id', '=', click.recommendationId)
    .executeTakeFirst();
  if (!served || !(JSON.parse(served.items) as string[]).includes(click.itemId)) return;
  await db
    .insertInto('served_clicks')
    .values({ served_id: click.recommendationId, item_id: click.itemId, type: click.type, at })
    .onConflict((conflict) => conflict.doNothing())
    .execute();
}

function countByVersion(
  shown: readonly { id: string; version: number; items: string }[],
  clicks: readonly { served_id: string }[],
) {
  const clicksOf = new Map<string, number>();
  for (const { served_id } of clicks) clicksOf.set(served_id, (clicksOf.get(served_id) ?? 0) + 1);
  const versions = new Map<
    number,
    { served: number; clicked: number; itemsShown: number; itemsClicked: number }
  >();
  for (const { id, version, items } of shown) {
    const count = versions.get(version) ?? { served: 0, clicked: 0, itemsShown: 0, itemsClicked: 0 };
    const clicked = clicksOf.get(id) ?? 0;
    count.served++;
    count.clicked += clicked > 0 ? 1 : 0;
    count.itemsShown += (JSON.parse(items) as string[]).length;
    count.itemsClicked += clicked;
    versions.set(version, count);
  }
  return [...versions]
    .map(([version, count]) => ({ version, ...count }))
    .sort((a, b) => b.version - a.version);
}
