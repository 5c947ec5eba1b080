import { problem } from '../core/errors.ts';
import type { Job } from '../domain/job.ts';
import type { NewJob } from '../store/store.ts';
import type { AppDeps } from './deps.ts';

/** The record first, so that a worker never meets an id without one; no record stays when the queue refuses the job. */
export async function submitJob(
  { store, queue }: Pick<AppDeps, 'store' | 'queue'>,
  job: NewJob,
): Promise<Job> {
  requireQueue(queue);
  const record = await store.jobs.create(job);
  try {
    await queue.enqueue(job.id);
  } catch (error) {
    await store.jobs.remove(job.id);
    throw error;
  }
  return record;
}

/** A quick no without a trace, where a try would leave one for a moment. */
export function requireQueue(queue: AppDeps['queue']): void {
  if (queue.healthy()) return;
  throw problem('queue-unavailable', 'The job queue does not answer; try again in a few seconds.');
}
