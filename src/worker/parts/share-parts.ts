import { setTimeout as sleep } from 'node:timers/promises';
import { ALIVE_MS, takesLane } from '../../domain/jobs/worker.ts';
import { connectFast, connectPatient, DEFAULT_PREFIX } from '../../jobs/connection.ts';
import { createPartQueue } from '../../jobs/part-queue.ts';
import { keyPrefix } from '../../jobs/redis-address.ts';
import { createRunLocks } from '../../jobs/run-lock.ts';
import type { Store } from '../../store/store.ts';
import type { TrainingDeps } from '../queue/training-work.ts';
import { createPartOffers } from './offer-parts.ts';
import { createPartConsumer, type PartDeps } from './take-parts.ts';

interface SharingOptions extends Pick<PartDeps, 'slots' | 'jobs' | 'clocks' | 'training' | 'logger'> {
  redisUrl: string;
  prefix?: string | undefined;
  /** Estimated seconds from which a part is offered. */
  fromSeconds: number;
  /** Number of other workers that take trainings. */
  others(): Promise<number>;
}

export interface PartSharing {
  offers: NonNullable<TrainingDeps['parts']>;
  start(): void;
  /** Ends parts of others, who train them then themselves. */
  stop(): Promise<void>;
}

const LONGEST_STOP_MS = 3000;

/** Shares the parts of jobs among the workers of an installation, both ways. */
export function createPartSharing(options: SharingOptions): PartSharing {
  const { redisUrl, fromSeconds, others, ...rest } = options;
  const { clocks, logger, slots } = rest;
  const prefix = keyPrefix(redisUrl, options.prefix ?? DEFAULT_PREFIX);
  const fast = connectFast(redisUrl, logger.child({ connection: 'parts' }));
  const patient = connectPatient(redisUrl, logger.child({ connection: 'queue of parts' }));
  const locks = createRunLocks(fast, prefix, clocks.lockMs);
  const queue = createPartQueue(fast, prefix, logger);
  const consumer = createPartConsumer({ ...rest, connection: patient, prefix, locks });
  return {
    offers: createPartOffers({ queue, locks, lockMs: clocks.lockMs, fromSeconds, others, logger }),
    start: () =>
      void consumer.run().catch((error) => logger.error({ err: error }, 'no parts are taken any more')),
    async stop() {
      slots.stop();
      await Promise.race([consumer.close(), sleep(LONGEST_STOP_MS, undefined, { ref: false })]);
      void consumer.disconnect().catch(() => {});
      await queue.close().catch(() => {});
      for (const connection of [fast, patient]) connection.disconnect();
    },
  };
}

/** Counts the other workers that are alive and take trainings. */
export async function otherTrainers(workers: Pick<Store['workers'], 'alive'>, own: string): Promise<number> {
  const alive = await workers.alive(ALIVE_MS);
  return alive.filter((worker) => worker.id !== own && takesLane(worker, 'training')).length;
}
