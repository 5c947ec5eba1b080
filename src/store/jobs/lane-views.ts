import type { Job } from '../../domain/jobs/job.ts';
import { LANES, type Lane } from '../../domain/jobs/lane.ts';
import { takesLane, type WorkerStatus } from '../../domain/jobs/worker.ts';
import type { LaneCounts, QueueCounts } from './contract.ts';

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
export function laneViews(
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
