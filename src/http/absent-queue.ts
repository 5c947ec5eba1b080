import { problem } from '../core/errors.ts';
import type { QueueProducer } from '../jobs/producer.ts';
import type { JobQueue } from './deps.ts';

/** For an api that only serves: without REDIS_URL there is nobody to give a job to. */
export function createAbsentQueue(): JobQueue & Pick<QueueProducer, 'connected' | 'close'> {
  return {
    async enqueue() {
      throw problem('queue-unavailable', 'This api runs without a queue: REDIS_URL is not set.');
    },
    async remove() {},
    healthy: () => false,
    signals: { publish: async () => {}, subscribe: () => () => {} },
    async connected() {},
    async close() {},
  };
}
