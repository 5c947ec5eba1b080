import { problem } from '../core/errors.ts';
import type { QueueProducer } from '../jobs/producer.ts';
import type { JobQueue } from './deps.ts';

async function refuse(): Promise<never> {
  throw problem('queue-unavailable', 'This api runs without a queue: REDIS_URL is not set.');
}

/** The queue of an api that only serves: without REDIS_URL there is nobody to give a job to. */
export function createAbsentQueue(): JobQueue &
  Pick<QueueProducer, 'prepare' | 'connected' | 'close' | 'signals'> & { memory: null } {
  return {
    enqueue: refuse,
    board: refuse,
    async remove() {},
    healthy: () => false,
    memory: null,
    signals: {
      publish: async () => {},
      subscribe: () => () => {},
      listening: () => false,
      onGap: () => () => {},
    },
    async prepare() {},
    async connected() {},
    async close() {},
  };
}
