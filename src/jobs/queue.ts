import { type JobsOptions, Queue } from 'bullmq';
import type { Logger } from '../core/logger.ts';
import type { Job } from '../domain/jobs/job.ts';
import { JOB_LANES, type JobLane, laneOf } from '../domain/jobs/lane.ts';
import type { RedisClient } from './connection.ts';
import { QUEUE_NAMES, type QueuePayload } from './contract.ts';
import { entryOptions, type Turn } from './turn.ts';

export type JobQueue = Queue<QueuePayload, void, string>;

/** Part of a job that the queues need. */
export type QueuedJob = Pick<Job, 'id' | 'type'>;

/** The queues of all lanes. */
export interface JobQueues {
  of(lane: JobLane): JobQueue;
  /** Puts a job into its lane; nothing happens where it is there. */
  add(job: QueuedJob, turn: Turn, now: number): Promise<void>;
  addBulk(jobs: readonly (QueuedJob & { turn: Turn })[], now: number): Promise<void>;
  /** Takes a waiting job out, in whichever lane it is. */
  remove(jobId: string): Promise<void>;
  close(): Promise<void>;
}

/**
 * Nothing is kept on the queue once it is done, since the record is in SQL. It also lets reconciliation put a job
 * back under its id: `add` ignores an id that is still there. A duplicate that this makes possible does no harm,
 * because a finished job cannot make the transition to running.
 */
const JOB_OPTIONS: JobsOptions = {
  removeOnComplete: true,
  removeOnFail: true,
};

export function createJobQueues(connection: RedisClient, prefix: string, logger: Logger): JobQueues {
  const queues = Object.fromEntries(
    JOB_LANES.map((lane) => [lane, createQueue(QUEUE_NAMES[lane], connection, prefix, logger)]),
  ) as Record<JobLane, JobQueue>;
  return {
    of: (lane) => queues[lane],
    async add({ id, type }, turn, now) {
      await queues[laneOf(type)].add('run', { jobId: id }, entryOptions(id, turn, now));
    },
    async addBulk(jobs, now) {
      for (const lane of JOB_LANES) {
        const entries = jobs
          .filter(({ type }) => laneOf(type) === lane)
          .map(({ id, turn }) => ({
            name: 'run',
            data: { jobId: id },
            opts: entryOptions(id, turn, now),
          }));
        if (entries.length > 0) await queues[lane].addBulk(entries);
      }
    },
    async remove(jobId) {
      await Promise.all(JOB_LANES.map((lane) => queues[lane].remove(jobId)));
    },
    async close() {
      await Promise.all(JOB_LANES.map((lane) => queues[lane].close()));
    },
  };
}

function createQueue(name: string, connection: RedisClient, prefix: string, logger: Logger): JobQueue {
  const queue: JobQueue = new Queue(name, {
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
