import type { NewNotice, Notice, NoticeKind } from '../../domain/notices/notice.ts';
import type { Delivery, DeliveryState, Webhook } from '../../domain/notices/webhook.ts';
import type { TraceContext } from '../../tracing/contract.ts';
import type { Paged } from '../engine/paged.ts';

/** Notices of what happened to the installation. Ends of jobs and moves of aliases are written by the store itself. */
export interface NoticeStore {
  /** Writes one down, in a transaction of its own, with the deliveries to the webhooks that want it. */
  add(notice: NewNotice): Promise<void>;
  /** Newest first. */
  list(filter: NoticeFilter, limit: number, cursor?: string): Promise<Paged<Notice>>;
  /** Forgets those from before the time in milliseconds, oldest first. @returns how many */
  forget(before: number, limit: number): Promise<number>;
}

export interface NoticeFilter {
  kind?: NoticeKind | undefined;
  model?: string | undefined;
}

export interface StoredWebhook {
  id: string;
  url: string;
  kinds: Webhook['kinds'];
  models: Webhook['models'];
  enabled: boolean;
  /** Sealed; see core/secrets.ts. */
  secret: string;
}

/** A webhook as it is on record. Its secret leaves the store only with `claim`, and sealed. */
export type WebhookRecord = Webhook;

/** A delivery that is ours to try. */
export interface ClaimedDelivery {
  id: string;
  webhookId: string;
  url: string;
  /** Sealed. */
  secret: string;
  body: string;
  /** Number of this attempt, from 1. */
  attempt: number;
  /** Where the trace of its job goes on. */
  trace?: TraceContext;
}

export interface FailedAttempt {
  error: string;
  status: number | null;
  /** In milliseconds; null where it is given up. */
  nextAt: number | null;
  /** Switches the webhook off, and says why. */
  disable?: string;
}

/** Where notices are sent, and what of it is still to be done. */
export interface WebhookStore {
  /** Rejects with problem('conflict') where there are `limit` already. */
  create(webhook: StoredWebhook, limit: number): Promise<WebhookRecord>;
  /** Oldest first. */
  list(): Promise<WebhookRecord[]>;
  get(id: string): Promise<WebhookRecord | null>;
  /** Null where there is none. */
  change(id: string, changes: Partial<Omit<StoredWebhook, 'id'>>): Promise<WebhookRecord | null>;
  /** Its deliveries go with it. False where there was none. */
  remove(id: string): Promise<boolean>;
  /** Adds a delivery that nothing happened for. Null where there is no such webhook. */
  test(id: string): Promise<Delivery | null>;
  /** Newest first. */
  deliveries(
    id: string,
    filter: { state?: DeliveryState | undefined },
    limit: number,
    cursor?: string,
  ): Promise<Paged<Delivery>>;
  /** Sends one again from the first attempt on, at once. Null where there is no such delivery. */
  retry(id: string, deliveryId: string): Promise<Delivery | null>;
  /** Deliveries whose time has come, with the number of attempts so far; those of webhooks that are off wait. */
  due(limit: number): Promise<{ id: string; attempts: number }[]>;
  /**
   * Takes a delivery for so many milliseconds: whoever is killed meanwhile leaves it due again. Null where it is not due, or somebody
   * else has it.
   */
  claim(deliveryId: string, leaseMs: number): Promise<ClaimedDelivery | null>;
  /** Records the end of an attempt, unless a later one has begun. */
  delivered(delivery: Pick<ClaimedDelivery, 'id' | 'attempt'>, status: number): Promise<void>;
  failed(delivery: Pick<ClaimedDelivery, 'id' | 'attempt'>, attempt: FailedAttempt): Promise<void>;
  /** Numbers of deliveries by state. */
  counts(): Promise<Record<DeliveryState, number>>;
  /** Forgets deliveries that are over and were made before the time. @returns how many */
  forget(before: number, limit: number): Promise<number>;
}
