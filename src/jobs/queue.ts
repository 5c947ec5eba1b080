import type { Queue } from 'bullmq';
import type { Logger } from '../core/logger.ts';
import type { Job } from '../domain/jobs/job.ts';
import { JOB_LANES, type JobLane, laneOf } from '../domain/jobs/lane.ts';
import type { RedisClient } from './connection.ts';
import { QUEUE_NAMES, type QueuePayload } from './contract.ts';
import { openQueue } from './open-queue.ts';
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

export function createJobQueues(connection: RedisClient, prefix: string, logger: Logger): JobQueues {
  const queues = Object.fromEntries(
    JOB_LANES.map((lane) => [lane, openQueue(QUEUE_NAMES[lane], connection, prefix, logger)]),
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
