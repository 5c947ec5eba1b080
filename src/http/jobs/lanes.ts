import type { Job } from '../../domain/jobs/job.ts';
import { laneOf, nobodyTakes } from '../../domain/jobs/lane.ts';
import { ALIVE_MS, lanesWithout } from '../../domain/jobs/worker.ts';
import type { Store } from '../../store/store.ts';

/** Adds to a queued job that nobody is there to take it, where that is so. */
export async function withWaiting(job: Job, { workers }: Pick<Store, 'workers'>): Promise<Job> {
  if (job.state !== 'queued') return job;
  const lane = laneOf(job.type);
  const alive = await workers.alive(ALIVE_MS);
  return lanesWithout(alive).includes(lane) ? { ...job, waiting: nobodyTakes(lane) } : job;
}

/** Says which lanes have jobs that nobody is there to take. */
export async function deadLanes({ workers, jobs }: Pick<Store, 'workers' | 'jobs'>): Promise<string[]> {
  const missing = lanesWithout(await workers.alive(ALIVE_MS));
  if (missing.length === 0) return [];
  const { lanes } = await jobs.queueCounts();
  return missing.flatMap((lane) => {
    const queued = lane === 'maintenance' ? 0 : lanes[lane].queued - lanes[lane].delayed;
    if (queued === 0) return [];
    return [
      `${queued === 1 ? '1 job' : `${queued} jobs`} of lane ${lane} cannot run: no worker takes that lane.`,
    ];
  });
}
