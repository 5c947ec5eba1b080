import type { Job } from '../../domain/jobs/job.ts';
import { LANES, type Lane, laneOf, nobodyTakes } from '../../domain/jobs/lane.ts';
import { ALIVE_MS, lanesWithout, takesLane, type WorkerStatus } from '../../domain/jobs/worker.ts';
import type { LaneCounts, QueueCounts } from '../../store/jobs/contract.ts';
import type { Store } from '../../store/store.ts';

/** A lane as people and metrics see it. */
export interface LaneView {
  lane: Lane;
  queued: number;
  delayed: number;
  running: number;
  oldestWaitedSeconds: number | null;
  /** Workers that take it. */
  workers: number;
  /** Jobs at a time of all its workers together. */
  concurrency: number;
}

const NO_JOBS: LaneCounts = { queued: 0, delayed: 0, running: 0, oldestWaiting: null };

/** Lanes with what waits in them and who takes them. @param now milliseconds since 1970 */
export function lanesOf(
  { lanes }: Pick<QueueCounts, 'lanes'>,
  workers: readonly WorkerStatus[],
  now: number,
) {
  return LANES.map((lane): LaneView => {
    const { queued, delayed, running, oldestWaiting } = lane === 'maintenance' ? NO_JOBS : lanes[lane];
    const takers = workers.filter((worker) => takesLane(worker, lane));
    return {
      lane,
      queued,
      delayed,
      running,
      oldestWaitedSeconds: oldestWaiting && waitedSeconds(oldestWaiting, now),
      workers: takers.length,
      concurrency: takers.reduce((sum, worker) => sum + concurrencyIn(worker, lane), 0),
    };
  });
}

function concurrencyIn({ lanes, concurrency }: WorkerStatus, lane: Lane): number {
  if (lane === 'maintenance') return 0;
  return lanes === undefined ? concurrency : (lanes.find((one) => one.lane === lane)?.concurrency ?? 0);
}

/** Seconds since the job could have run. */
export function waitedSeconds(job: Pick<Job, 'createdAt' | 'spec'>, now: number): number {
  const { notBefore } = job.spec as { notBefore?: string };
  const since = Math.max(Date.parse(job.createdAt), notBefore === undefined ? 0 : Date.parse(notBefore));
  return Math.max(0, Math.round(now - since)) / 1000;
}

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
