import { setTimeout as sleep } from 'node:timers/promises';
import { messageOf, problem } from '../core/errors.ts';
import type { Logger } from '../core/logger.ts';
import { connectFast, DEFAULT_PREFIX } from './connection.ts';
import type { JobQueues, QueuedJob } from './queue.ts';
import { createQueueBoards, type QueueBoard } from './queue-board.ts';
import { keyPrefix } from './redis-address.ts';
import { createShortMemory, type ShortMemory } from './short-memory.ts';
import { createSignals, type Signals } from './signals.ts';
import type { Turn } from './turn.ts';

/** How soon a server that hung is seen to answer again. */
const PROBE_MS = 1000;

export interface QueueProducer {
  /** Rejects with problem('queue-unavailable') within about a second when Redis is away. */
  enqueue(job: QueuedJob, turn?: Turn): Promise<void>;
  /** Takes a waiting job off its queue. One that a worker holds stays: cancel it by signal. */
  remove(jobId: string): Promise<void>;
  /** Makes the first of the above as quick as the others. */
  prepare(): Promise<void>;
  /** The queues as the page about them sees them. */
  board(): Promise<QueueBoard[]>;
  signals: Omit<Signals, 'close'>;
  memory: ShortMemory;
  /** True while the last that was heard of Redis was good: connected, and no command left unanswered since. */
  healthy(): boolean;
  /** Resolves with the first connection, or after the time without one. */
  connected(withinMs: number): Promise<void>;
  close(): Promise<void>;
}

export interface QueueProducerOptions {
  redisUrl: string;
  prefix?: string | undefined;
  logger: Logger;
}

export function createQueueProducer(options: QueueProducerOptions): QueueProducer {
  const { redisUrl, logger } = options;
  const prefix = keyPrefix(redisUrl, options.prefix ?? DEFAULT_PREFIX);
  const redis = connectFast(redisUrl, logger);
  let opened: Promise<JobQueues> | null = null;
  /** BullMQ is loaded when it is first needed: it takes a good part of the time to start. */
  const openQueues = (): Promise<JobQueues> => {
    opened ??= import('./queue.ts').then(({ createJobQueues }) => createJobQueues(redis, prefix, logger));
    return opened;
  };
  const signals = createSignals({ redisUrl, prefix, publisher: redis, logger });

  // A server that hangs keeps its connection: only an unanswered command tells.
  let isAnswering = true;
  const heardOf = () => {
    isAnswering = true;
  };
  redis.on('ready', heardOf);

  async function ask(command: () => Promise<unknown>): Promise<void> {
    try {
      await command();
      isAnswering = true;
    } catch (error) {
      if (isAnswering) untilAnswering();
      isAnswering = false;
      throw queueUnavailable(error);
    }
  }

  /** Asks now and then: without traffic nobody would notice that Redis answers again. */
  function untilAnswering(): void {
    const timer = setInterval(() => {
      if (isAnswering || redis.status === 'end') clearInterval(timer);
      else void redis.ping().then(heardOf, () => {});
    }, PROBE_MS);
    timer.unref();
  }

  return {
    enqueue: async (job, turn = {}) => {
      const queues = await openQueues();
      await ask(() => queues.add(job, turn, Date.now()));
    },
    remove: async (jobId) => {
      const queues = await openQueues();
      await ask(() => queues.remove(jobId));
    },
    board: async () => createQueueBoards(await openQueues()),
    async prepare() {
      await openQueues();
    },
    signals,
    memory: createShortMemory(redis, prefix, logger),
    healthy: () => redis.status === 'ready' && isAnswering,
    async connected(withinMs) {
      if (redis.status === 'ready') return;
      const ready = new Promise<void>((resolve) => redis.once('ready', () => resolve()));
      await Promise.race([ready, sleep(withinMs, undefined, { ref: false })]);
    },
    async close() {
      signals.close();
      const queues = await opened;
      await queues
        ?.close()
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
