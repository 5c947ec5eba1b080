import { type JobsOptions, Queue } from 'bullmq';
import type { Redis } from 'ioredis';
import type { Logger } from '../core/logger.ts';
import { QUEUE_NAME, type QueuePayload } from './contract.ts';

export type JobQueue = Queue<QueuePayload, void, string>;

/**
 * Nothing is kept on the queue once it is done, since the record is in SQL. It also lets reconciliation put a job
 * back under its id: `add` ignores an id that is still there. A duplicate that this makes possible does no harm,
 * because a finished job cannot make the transition to running.
 */
const JOB_OPTIONS: JobsOptions = {
  removeOnComplete: true,
  removeOnFail: true,
};

export function createJobQueue(connection: Redis, prefix: string, logger: Logger): JobQueue {
  const queue: JobQueue = new Queue(QUEUE_NAME, {
    connection,
    prefix,
    defaultJobOptions: JOB_OPTIONS,
    // Both would have the queue wait for Redis, or fail for good, when it is away while this process starts.
    skipWaitingForReady: true,
    skipVersionCheck: true,
    skipMetasUpdate: true,
  });
  queue.on('error', (error) => logger.debug({ reason: error.message }, 'queue connection'));
  return queue;
}
