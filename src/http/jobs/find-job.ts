import { problem } from '../../core/errors.ts';
import type { Job } from '../../domain/jobs/job.ts';
import type { JobStore } from '../../store/jobs/contract.ts';

export async function findJob(jobs: Pick<JobStore, 'get'>, id: string): Promise<Job> {
  const job = await jobs.get(id);
  if (!job) throw problem('not-found', `There is no job ${JSON.stringify(id)}.`);
  return job;
}
