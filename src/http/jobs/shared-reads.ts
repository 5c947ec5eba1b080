import type { Job, JobEvent } from '../../domain/jobs/job.ts';
import type { JobStore } from '../../store/jobs/contract.ts';

/** Reads of one job, shared by all who ask the same at the same time. */
export interface SharedReads {
  /** @param rings of the job's bell: a read that began before the last ring is not shared with who asks after it */
  get(jobId: string, rings: number): Promise<Job | null>;
  events(jobId: string, after: number, limit: number, rings: number): Promise<JobEvent[]>;
}

/** The bell wakes a thousand listeners at once; one query answers all of them. */
export function createSharedReads(jobs: Pick<JobStore, 'get' | 'events'>): SharedReads {
  const share = createSharing();
  return {
    get: (id, rings) => share(`${rings} ${id}`, () => jobs.get(id)),
    events: (id, after, limit, rings) =>
      share(`${rings} ${after} ${limit} ${id}`, () => jobs.events(id, after, limit)),
  };
}

function createSharing() {
  const inFlight = new Map<string, Promise<unknown>>();
  return <T>(key: string, read: () => Promise<T>): Promise<T> => {
    const known = inFlight.get(key) as Promise<T> | undefined;
    if (known) return known;
    const reading = read().finally(() => inFlight.delete(key));
    inFlight.set(key, reading);
    return reading;
  };
}
