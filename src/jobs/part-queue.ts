import type { Queue } from 'bullmq';
import type { Logger } from '../core/logger.ts';
import type { RedisClient } from './connection.ts';
import { openQueue } from './open-queue.ts';

export const PART_QUEUE = 'parts';

/** A part of a job that runs: a teacher, named by the hash of all that its weights depend on. */
export interface PartPayload {
  jobId: string;
  part: string;
}

export type PartQueue = Queue<PartPayload, void, string>;

/** Parts that other workers may take. What is lost of it is trained by the job itself. */
export function createPartQueue(connection: RedisClient, prefix: string, logger: Logger): PartQueue {
  return openQueue(PART_QUEUE, connection, prefix, logger);
}
