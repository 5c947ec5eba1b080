import { setTimeout as sleep } from 'node:timers/promises';
import { Worker } from 'bullmq';
import { keepAt } from '../../core/keep-at.ts';
import { connectFast, connectPatient, DEFAULT_PREFIX } from '../../jobs/connection.ts';
import { createDeliveryQueue, DELIVERY_QUEUE, type DeliveryPayload } from '../../jobs/delivery-queue.ts';
import { keyPrefix } from '../../jobs/redis-address.ts';
import type { WebhookStore } from '../../store/notices/contract.ts';
import { type DeliverDeps, deliver } from './deliver.ts';

const LOOK_MS = 1000;
/** Requests at a time of one worker: most of each is waiting. */
const AT_ONCE = 16;
const AT_ONE_LOOK = 200;
/** An entry of the queue whose worker is silent for so long is given to another one; SQL decides whether it is tried. */
const LOCK_MS = 10_000;
const LONGEST_STOP_MS = 3_000;

export interface Deliverer {
  start(): void;
  /** Ends running attempts, which are due again at once. */
  stop(): Promise<void>;
}

interface DelivererOptions extends Omit<DeliverDeps, 'signal' | 'webhooks'> {
  redisUrl: string;
  prefix?: string | undefined;
  webhooks: Pick<WebhookStore, 'due' | 'claim' | 'delivered' | 'failed'>;
  lookMs?: number;
  lockMs?: number;
}

/**
 * Sends what is due. Any number of workers may look: each puts what it finds on one queue under the number of the attempt, so that it is
 * there once, and in SQL one of those that take it gets it. What was on a queue that is gone is found by the next look.
 */
export function createDeliverer(options: DelivererOptions): Deliverer {
  const { redisUrl, webhooks, logger, lookMs = LOOK_MS, lockMs = LOCK_MS } = options;
  const prefix = keyPrefix(redisUrl, options.prefix ?? DEFAULT_PREFIX);
  const stopping = new AbortController();
  const fast = connectFast(redisUrl, logger.child({ connection: 'deliveries' }));
  const patient = connectPatient(redisUrl, logger.child({ connection: 'delivery queue' }));
  const queue = createDeliveryQueue(fast, prefix, logger);
  const consumer = new Worker<DeliveryPayload, void>(
    DELIVERY_QUEUE,
    ({ data: { deliveryId } }) => deliver(deliveryId, { ...options, signal: stopping.signal }),
    {
      connection: patient,
      prefix,
      concurrency: AT_ONCE,
      autorun: false,
      lockDuration: lockMs,
      stalledInterval: lockMs / 2,
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      runRetryDelay: 1000,
      skipVersionCheck: true,
    },
  );
  consumer.on('error', (error) => logger.debug({ reason: error.message }, 'consumer of deliveries'));
  // The next look finds it again.
  consumer.on('failed', (_entry, error) =>
    logger.warn({ reason: error.message }, 'a delivery could not be tried; it is tried again'),
  );

  async function look(): Promise<void> {
    const due = await webhooks.due(AT_ONE_LOOK);
    if (due.length === 0) return;
    await queue.addBulk(
      due.map(({ id, attempts }) => ({
        name: 'deliver',
        data: { deliveryId: id },
        opts: { jobId: `${id}-${attempts}` },
      })),
    );
  }

  async function keepLooking(): Promise<void> {
    const { signal } = stopping;
    await keepAt(look, {
      ...{ signal, intervalMs: lookMs },
      onFailure: (reason) => {
        if (!signal.aborted) logger.debug({ reason }, 'deliveries have to wait');
      },
    });
  }

  let looking: Promise<void> | undefined;
  return {
    start() {
      looking = keepLooking();
      consumer.run().catch((error) => logger.error({ err: error }, 'the consumer of deliveries has stopped'));
    },
    async stop() {
      stopping.abort();
      // With Redis away closing would wait for it. Deliveries are safe in SQL whatever happens here.
      await Promise.race([consumer.close(), sleep(LONGEST_STOP_MS, undefined, { ref: false })]);
      void consumer.disconnect().catch(() => {});
      await looking;
      await queue.close().catch(() => {});
      for (const connection of [fast, patient]) connection.disconnect();
    },
  };
}
