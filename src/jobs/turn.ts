import type { JobsOptions } from 'bullmq';

/** BullMQ takes the smallest number first, and a job without one before all others: so every job has one. */
const MIDDLE_PRIORITY = 1000;

/** The turn of a job in the queue, its time and its priority: a part of its spec. */
export interface Turn {
  priority?: number;
  notBefore?: string;
}

export function entryOptions(jobId: string, turn: Turn, now: number): JobsOptions & { jobId: string } {
  const { priority = 0, notBefore } = turn;
  const delay = notBefore === undefined ? 0 : Math.max(0, Date.parse(notBefore) - now);
  return { jobId, priority: MIDDLE_PRIORITY - priority, ...(delay > 0 && { delay }) };
}
