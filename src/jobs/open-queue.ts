import { type JobsOptions, Queue } from 'bullmq';
import type { Logger } from '../core/logger.ts';
import type { RedisClient } from './connection.ts';

/**
 * Nothing is kept on a queue once it is done, since the record is in SQL. It also lets reconciliation put a job
 * back under its id: `add` ignores an id that is still there. A duplicate that this makes possible does no harm,
 * because a finished job cannot make the transition to running.
 */
const ENTRY_OPTIONS: JobsOptions = { removeOnComplete: true, removeOnFail: true };

/** A queue that is usable before Redis is; troubles of its connection go to the log. */
export function openQueue<P>(
  name: string,
  connection: RedisClient,
  prefix: string,
  logger: Logger,
): Queue<P, void, string, P, void, string> {
  const queue = new Queue<P, void, string, P, void, string>(name, {
    connection,
    prefix,
    defaultJobOptions: ENTRY_OPTIONS,
    // These would have the queue wait for Redis, or fail for good, when it is away while this process starts.
    skipWaitingForReady: true,
    skipVersionCheck: true,
    skipMetasUpdate: true,
  });
  queue.on('error', (error) => logger.debug({ queue: name, reason: error.message }, 'queue connection'));
  return queue;
}
