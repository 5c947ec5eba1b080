import type { Queue } from 'bullmq';
import type { Logger } from '../core/logger.ts';
import type { RedisClient } from './connection.ts';
import { openQueue } from './open-queue.ts';

export const DELIVERY_QUEUE = 'webhooks';

/** On the queue there is only the id: the delivery in SQL is the truth. */
export interface DeliveryPayload {
  deliveryId: string;
}

export type DeliveryQueue = Queue<DeliveryPayload, void, string>;

export function createDeliveryQueue(connection: RedisClient, prefix: string, logger: Logger): DeliveryQueue {
  return openQueue(DELIVERY_QUEUE, connection, prefix, logger);
}
