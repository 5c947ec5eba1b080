import type { Kysely, Selectable } from 'kysely';
import {
  DELIVERY_STATES,
  type Delivery,
  type DeliveryState,
  deliveryBody,
  TEST_KIND,
} from '../../domain/notices/webhook.ts';
import { isoTime } from '../engine/iso-time.ts';
import { newestFirst } from '../engine/newest-first.ts';
import type { Schema, SqlEngine } from '../engine/schema.ts';
import { addDelivery } from './add-notice.ts';
import type { ClaimedDelivery, WebhookStore } from './contract.ts';

type Deliveries = Omit<WebhookStore, 'create' | 'list' | 'get' | 'change' | 'remove'>;
type Row = Selectable<Schema['webhook_deliveries']>;

// Long because it is a list of operations on one table.
/** Deliveries that are to be made, and what came of them: the truth, which the queue only hurries along. */
export function createDeliveries({ reads, write, now }: SqlEngine): Deliveries {
  return {
    test: (id) =>
      write(async (db) => {
        const webhook = await db.selectFrom('webhooks').select('id').where('id', '=', id).executeTakeFirst();
        if (!webhook) return null;
        const body = deliveryBody(TEST_KIND, now(), { webhook: id });
        return found(db, await addDelivery(db, id, TEST_KIND, body, now()));
      }),
    async deliveries(id, { state }, limit, cursor) {
      let query = reads.selectFrom('webhook_deliveries').selectAll().where('webhook_id', '=', id);
      if (state !== undefined) query = query.where('state', '=', state);
      const { rows, nextCursor } = await newestFirst(query, 'created_at', limit, cursor);
      return { rows: rows.map(toDelivery), nextCursor };
    },
    retry: (id, deliveryId) =>
      write(async (db) => {
        const anew = { state: 'pending', attempts: 0, next_at: now() };
        const row = await db
          .updateTable('webhook_deliveries')
          .set(anew)
          .where('id', '=', deliveryId)
          .where('webhook_id', '=', id)
          .returningAll()
          .executeTakeFirst();
        return row ? toDelivery(row) : null;
      }),
    async due(limit) {
      return reads
        .selectFrom('webhook_deliveries')
        .innerJoin('webhooks', 'webhooks.id', 'webhook_deliveries.webhook_id')
        .select(['webhook_deliveries.id', 'webhook_deliveries.attempts'])
        .where('webhook_deliveries.state', '=', 'pending')
        .where('webhook_deliveries.next_at', '<=', now())
        .where((eb) => eb.or([eb('webhooks.enabled', '=', 1), eb('webhook_deliveries.kind', '=', TEST_KIND)]))
        .orderBy('webhook_deliveries.next_at')
        .limit(limit)
        .execute();
    },
    claim: (deliveryId, leaseMs) =>
      write(async (db) => {
        const at = now();
        const row = await db
          .updateTable('webhook_deliveries')
          .set((eb) => ({ attempts: eb('attempts', '+', 1), next_at: at + leaseMs, last_at: at }))
          .where('id', '=', deliveryId)
          .where('state', '=', 'pending')
          .where('next_at', '<=', at)
          .returningAll()
          .executeTakeFirst();
        if (!row) return null;
        const { url, secret } = await db
          .selectFrom('webhooks')
          .select(['url', 'secret'])
          .where('id', '=', row.webhook_id)
          .executeTakeFirstOrThrow();
        const { id, webhook_id: webhookId, body, attempts: attempt, trace } = row;
        const traced = trace !== null && { trace: JSON.parse(trace) };
        return { id, webhookId, url, secret, body, attempt, ...traced };
      }),
    delivered: (delivery, status) =>
      write(async (db) => {
        const webhook = await end(db, delivery, { state: 'delivered', status, error: null });
        if (webhook === null) return;
        await db.updateTable('webhooks').set({ failures: 0 }).where('id', '=', webhook).execute();
      }),
    failed: (delivery, { error, status, nextAt, disable }) =>
      write(async (db) => {
        const next = nextAt === null ? { state: 'failed' } : { next_at: nextAt };
        const webhook = await end(db, delivery, { error, status, ...next });
        if (webhook === null) return;
        await db
          .updateTable('webhooks')
          .set((eb) => ({
            failures: eb('failures', '+', 1),
            ...(disable !== undefined && { enabled: 0, disabled_because: disable }),
          }))
          .where('id', '=', webhook)
          .execute();
      }),
    async counts() {
      const rows = await reads
        .selectFrom('webhook_deliveries')
        .select((eb) => ['state', eb.fn.countAll<number>().as('count')] as const)
        .groupBy('state')
        .execute();
      const counted = new Map(rows.map(({ state, count }) => [state, Number(count)]));
      const all = DELIVERY_STATES.map((state) => [state, counted.get(state) ?? 0]);
      return Object.fromEntries(all) as Record<DeliveryState, number>;
    },
    forget: (before, limit) =>
      write(async (db) => {
        const old = db
          .selectFrom('webhook_deliveries')
          .select('id')
          .where('state', '<>', 'pending')
          .where('created_at', '<', before)
          .orderBy('created_at')
          .limit(limit);
        const { numDeletedRows } = await db
          .deleteFrom('webhook_deliveries')
          .where('id', 'in', old)
          .executeTakeFirst();
        return Number(numDeletedRows);
      }),
  };
}

/** @returns its webhook, or null where a later attempt has begun, so that this one no longer counts */
async function end(
  db: Kysely<Schema>,
  { id, attempt }: Pick<ClaimedDelivery, 'id' | 'attempt'>,
  changes: { state?: string; status: number | null; error: string | null; next_at?: number },
): Promise<string | null> {
  const row = await db
    .updateTable('webhook_deliveries')
    .set(changes)
    .where('id', '=', id)
    .where('attempts', '=', attempt)
    .where('state', '=', 'pending')
    .returning('webhook_id')
    .executeTakeFirst();
  return row?.webhook_id ?? null;
}

async function found(db: Kysely<Schema>, id: string): Promise<Delivery> {
  const row = await db
    .selectFrom('webhook_deliveries')
    .selectAll()
    .where('id', '=', id)
    .executeTakeFirstOrThrow();
  return toDelivery(row);
}

export function toDelivery(row: Row): Delivery {
  return {
    id: row.id,
    kind: row.kind,
    state: row.state as DeliveryState,
    createdAt: isoTime(row.created_at),
    attempts: row.attempts,
    lastAttemptAt: row.last_at === null ? null : isoTime(row.last_at),
    nextAttemptAt: row.state === 'pending' ? isoTime(row.next_at) : null,
    status: row.status,
    error: row.error,
  };
}
