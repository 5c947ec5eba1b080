import { Queue } from 'bullmq';
import type { Logger } from '../core/logger.ts';
import type { RedisClient } from './connection.ts';

export const DELIVERY_QUEUE = 'webhooks';

/** On the queue there is only the id: the delivery in SQL is the truth. */
export interface DeliveryPayload {
  deliveryId: string;
}

export type DeliveryQueue = Queue<DeliveryPayload, void, string>;

export function createDeliveryQueue(connection: RedisClient, prefix: string, logger: Logger): DeliveryQueue {
  const queue: DeliveryQueue = new Queue(DELIVERY_QUEUE, {
    connection,
    prefix,
    defaultJobOptions: { removeOnComplete: true, removeOnFail: true },
    skipWaitingForReady: true,
    skipVersionCheck: true,
    skipMetasUpdate: true,
  });
  queue.on('error', (error) => logger.debug({ reason: error.message }, 'queue of deliveries'));
  return queue;
}
