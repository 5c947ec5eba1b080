import { messageOf, problem } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { connectFast, DEFAULT_PREFIX } from './connection.ts';
import { createJobQueue } from './queue.ts';
import { createSignals, type Signals } from './signals.ts';

export interface QueueProducer {
  /** Rejects with problem('queue-unavailable') within about a second when Redis is away. */
  enqueue(jobId: string): Promise<void>;
  /** Takes a waiting job off the queue. One that a worker holds stays: cancel it by signal. */
  remove(jobId: string): Promise<void>;
  signals: Pick<Signals, 'publish' | 'subscribe'>;
  healthy(): boolean;
  close(): Promise<void>;
}

export interface QueueProducerOptions {
  redisUrl: string;
  prefix?: string;
  logger: Logger;
}

export function createQueueProducer(options: QueueProducerOptions): QueueProducer {
  const { redisUrl, prefix = DEFAULT_PREFIX, logger } = options;
  const redis = connectFast(redisUrl, logger);
  const queue = createJobQueue(redis, prefix, logger);
  const signals = createSignals({ redisUrl, prefix, publisher: redis, logger });

  return {
    async enqueue(jobId) {
      try {
        await queue.add('run', { jobId }, { jobId });
      } catch (error) {
        throw queueUnavailable(error);
      }
    },
    async remove(jobId) {
      try {
        await queue.remove(jobId);
      } catch (error) {
        throw queueUnavailable(error);
      }
    },
    signals,
    healthy: () => redis.status === 'ready',
    async close() {
      signals.close();
      await queue
        .close()
        .catch((error) => logger.debug({ reason: messageOf(error) }, 'queue not closed cleanly'));
      redis.disconnect();
    },
  };
}

function queueUnavailable(error: unknown) {
  return problem(
    'queue-unavailable',
    'The job queue does not answer; try again in a few seconds.',
    {},
    error,
  );
}
