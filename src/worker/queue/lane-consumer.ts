import { Worker } from 'bullmq';
import type { Logger } from '../../core/logger.ts';
import type { JobLane } from '../../domain/jobs/lane.ts';
import type { RedisClient } from '../../jobs/connection.ts';
import { QUEUE_NAMES, type QueuePayload } from '../../jobs/contract.ts';
import type { WorkerClocks } from './clocks.ts';
import { createProcessor, type ProcessorDeps } from './processor.ts';

interface ConsumerDeps extends Omit<ProcessorDeps, 'lane' | 'busyPauseMs'> {
  connection: RedisClient;
  prefix: string;
  clocks: WorkerClocks;
  logger: Logger;
}

export type LaneConsumer = Worker<QueuePayload, void>;

/** Takes the jobs of one lane, so many at a time, once it is told to run. */
export function createLaneConsumer(lane: JobLane, concurrency: number, deps: ConsumerDeps): LaneConsumer {
  const { connection, prefix, clocks, logger, ...rest } = deps;
  const { busyPauseMs } = clocks;
  const consumer: LaneConsumer = new Worker(
    QUEUE_NAMES[lane],
    createProcessor({ lane, busyPauseMs, ...rest }),
    {
      connection,
      prefix,
      concurrency,
      autorun: false,
      lockDuration: clocks.lockMs,
      stalledInterval: clocks.stalledCheckMs,
      // SQL counts the attempts; BullMQ alone would give a job up without telling anybody.
      maxStalledCount: Number.MAX_SAFE_INTEGER,
      runRetryDelay: 1000,
      skipVersionCheck: true,
    },
  );
  consumer.on('error', (error) => logger.debug({ lane, reason: error.message }, 'queue consumer'));
  consumer.on('stalled', (jobId) =>
    logger.warn({ jobId }, 'the job had lost its worker and is delivered again'),
  );
  return consumer;
}
