import type { Kysely, Selectable } from 'kysely';
import { problem } from '../../core/errors.ts';
import { isoTime } from '../engine/iso-time.ts';
import type { Schema, SqlEngine } from '../engine/schema.ts';
import { listOf } from './add-notice.ts';
import type { StoredWebhook, WebhookRecord, WebhookStore } from './contract.ts';
import { createDeliveries, toDelivery } from './deliveries.ts';

export function createWebhooks(engine: SqlEngine): WebhookStore {
  const { reads, write, now } = engine;
  const one = async (db: Kysely<Schema>, id: string): Promise<WebhookRecord | null> => {
    const row = await db.selectFrom('webhooks').selectAll().where('id', '=', id).executeTakeFirst();
    return row ? toRecord(db, row) : null;
  };
  return {
    create: (webhook, limit) =>
      write(async (db) => {
        const { count } = await db
          .selectFrom('webhooks')
          .select((eb) => eb.fn.countAll<number>().as('count'))
          .executeTakeFirstOrThrow();
        if (Number(count) >= limit) {
          throw problem('conflict', `There are ${limit} webhooks already; delete those that nobody needs.`);
        }
        const { id, url, secret, enabled } = webhook;
        const row = { id, url, secret, enabled: Number(enabled), created_at: now() };
        await db
          .insertInto('webhooks')
          .values({ ...row, kinds: textOf(webhook.kinds), models: textOf(webhook.models) })
          .execute();
        return (await one(db, id))!;
      }),
    async list() {
      const rows = await reads
        .selectFrom('webhooks')
        .selectAll()
        .orderBy('created_at')
        .orderBy('id')
        .execute();
      return Promise.all(rows.map((row) => toRecord(reads, row)));
    },
    get: (id) => one(reads, id),
    change: (id, changes) =>
      write(async (db) => {
        const set = columnsOf(changes);
        await db.updateTable('webhooks').set(set).where('id', '=', id).execute();
        return one(db, id);
      }),
    remove: (id) =>
      write(async (db) => {
        // SQLite cascades only where foreign keys are switched on.
        await db.deleteFrom('webhook_deliveries').where('webhook_id', '=', id).execute();
        const { numDeletedRows } = await db.deleteFrom('webhooks').where('id', '=', id).executeTakeFirst();
        return numDeletedRows > 0n;
      }),
    ...createDeliveries(engine),
  };
}

const textOf = (list: readonly string[] | null) => (list === null ? null : JSON.stringify(list));

function columnsOf({ url, kinds, models, secret, enabled }: Partial<StoredWebhook>) {
  return {
    ...(url !== undefined && { url, failures: 0 }),
    ...(kinds !== undefined && { kinds: textOf(kinds) }),
    ...(models !== undefined && { models: textOf(models) }),
    ...(secret !== undefined && { secret }),
    ...(enabled !== undefined && { enabled: Number(enabled), disabled_because: null }),
  };
}

async function toRecord(db: Kysely<Schema>, row: Selectable<Schema['webhooks']>): Promise<WebhookRecord> {
  const deliveries = db.selectFrom('webhook_deliveries').where('webhook_id', '=', row.id);
  const last = await deliveries
    .selectAll()
    .where('last_at', 'is not', null)
    .orderBy('last_at', 'desc')
    .orderBy('id', 'desc')
    .limit(1)
    .executeTakeFirst();
  const { waiting } = await deliveries
    .select((eb) => eb.fn.countAll<number>().as('waiting'))
    .where('state', '=', 'pending')
    .executeTakeFirstOrThrow();
  return {
    id: row.id,
    url: row.url,
    kinds: listOf(row.kinds),
    models: listOf(row.models),
    enabled: row.enabled === 1,
    disabledBecause: row.disabled_because,
    createdAt: isoTime(row.created_at),
    lastDelivery: last ? toDelivery(last) : null,
    failures: row.failures,
    waiting: Number(waiting),
  };
}
