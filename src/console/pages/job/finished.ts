import type { JobState } from '../../../domain/jobs/job.ts';

/** States in which nothing more happens to a job. */
export const FINISHED: readonly JobState[] = ['succeeded', 'failed', 'cancelled'];
