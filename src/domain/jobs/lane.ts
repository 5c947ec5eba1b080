import type { Job } from './job.ts';

/** Lanes that jobs wait in, each with a queue of its own: what stands in one holds up nothing in another. */
export const JOB_LANES = ['imports', 'training'] as const;
export type JobLane = (typeof JOB_LANES)[number];

/** All that a worker may do. Upkeep goes by the clock and has no queue: schedules, retention, old versions, popularity, webhooks, drift. */
export const LANES = [...JOB_LANES, 'maintenance'] as const;
export type Lane = (typeof LANES)[number];

/** The lane that jobs of this type wait in. */
export const laneOf = (type: Job['type']): JobLane => (type === 'import' ? 'imports' : 'training');

/** The type of the jobs of a lane. */
export const typeOf = (lane: JobLane): Job['type'] => (lane === 'imports' ? 'import' : 'distillation');

/** Lanes that `WORKER_QUEUES` names, which the schema of the settings has checked. */
export const lanesOf = (text: string): Lane[] => {
  const names = text.split(',').map((name) => name.trim());
  return LANES.filter((lane) => names.includes(lane));
};

/** Says of a lane that its jobs stand still: nobody is there to take them. */
export const nobodyTakes = (lane: Lane): string => `waits for a worker of lane ${lane}: none is there`;
