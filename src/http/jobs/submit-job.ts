import { problem } from '../../core/errors.ts';
import type { Job } from '../../domain/jobs/job.ts';
import type { CreateOptions, NewJob } from '../../store/jobs/contract.ts';
import type { AppDeps } from '../deps.ts';

export type SubmitDeps = Pick<AppDeps, 'store' | 'queue' | 'maxQueuedJobs' | 'tracer'>;

/** The record first, so that a worker never meets an id without one; no record stays when the queue refuses the job. */
export async function submitJob(
  { store, queue, maxQueuedJobs, tracer }: SubmitDeps,
  job: NewJob,
  answers?: CreateOptions['answers'],
): Promise<Job> {
  requireQueue(queue);
  const record = await store.jobs.create(job, {
    ...(maxQueuedJobs !== undefined && { mostQueued: maxQueuedJobs }),
    ...(answers && { answers }),
  });
  const span = tracer?.start('enqueue', {
    kind: 'producer',
    parent: job.trace,
    attributes: { 'messaging.system': 'bullmq', 'stillhouse.job.id': job.id },
  });
  try {
    await queue.enqueue(job, turnOf(job));
    span?.end();
  } catch (error) {
    span?.end('the queue did not take it');
    await store.jobs.remove(job.id);
    throw error;
  }
  return record;
}

function turnOf({ priority, notBefore }: NewJob): { priority?: number; notBefore?: string } {
  return {
    ...(priority !== undefined && { priority }),
    ...(notBefore !== undefined && { notBefore: new Date(notBefore).toISOString() }),
  };
}

/** A quick no without a trace, where a try would leave one for a moment. */
export function requireQueue(queue: AppDeps['queue']): void {
  if (queue.healthy()) return;
  throw problem('queue-unavailable', 'The job queue does not answer; try again in a few seconds.');
}
