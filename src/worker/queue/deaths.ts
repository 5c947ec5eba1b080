import type { ImportSpec } from '../../domain/data/import.ts';
import type { Job } from '../../domain/jobs/job.ts';

/**
 * Deaths of a job's trainer or worker in a row, without a new part of its work kept in between, until it is given up. A job that
 * gets on is never given up, however often it is killed.
 */
export const MOST_DEATHS = 3;

/** Count of deaths, kept with the job's problem in SQL, so that it survives a wiped Redis. */
export interface Deaths {
  /** Deaths in a row without progress. */
  failedAttempts: number;
  /** Parts of the work that had been kept by then; see `progress.kept`. */
  keptParts: number;
}

/** Counts one more death. @param job as it is on record, with the progress of the attempt that has died */
export function oneMoreDeath(job: Pick<Job, 'type' | 'spec' | 'progress' | 'problem'>): Deaths {
  const before = job.problem as Partial<Deaths> | null;
  const keptBefore = before?.keptParts ?? 0;
  const kept = keptBy(job);
  const gotOn = kept > keptBefore;
  return {
    failedAttempts: gotOn ? 1 : (before?.failedAttempts ?? 0) + 1,
    keptParts: Math.max(kept, keptBefore),
  };
}

/** An import goes on behind the rows that it has read; that of a teacher, which counts as a whole, begins anew. */
function keptBy({ type, spec, progress }: Pick<Job, 'type' | 'spec' | 'progress'>): number {
  if (type !== 'import') return progress?.kept ?? 0;
  return (spec as ImportSpec).kind === 'teacher' ? 0 : (progress?.rows ?? 0);
}

/** The end of a sentence about a job that is given up. */
export function withoutProgress({ failedAttempts }: Deaths): string {
  return `${failedAttempts} times in a row without a new checkpoint in between`;
}
