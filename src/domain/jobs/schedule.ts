import { type Static, Type } from 'typebox';
import { splitsInstead } from '../tasks/split-spec.ts';
import { type CompleteDistillation, completeDistillation } from './complete-distillation.ts';
import { DistillationSpec } from './distillation-spec.ts';

const trigger = {
  cron: Type.String({
    minLength: 1,
    maxLength: 200,
    description: 'Five fields: minute, hour, day of the month, month, day of the week.',
    examples: ['0 3 * * *'],
  }),
  timeZone: Type.String({
    minLength: 1,
    maxLength: 64,
    description: 'IANA name of the clock that cron means; UTC if not given.',
    examples: ['Europe/Berlin'],
  }),
  afterInteractions: Type.Integer({
    minimum: 1,
    maximum: 1_000_000_000,
    description: 'Runs when so many new interactions have been stored since the last run.',
    examples: [100_000],
  }),
};
const name = Type.String({ minLength: 1, maxLength: 200, examples: ['every night'] });

/** A schedule as clients send it. */
export const ScheduleSpec = Type.Object(
  {
    name: Type.Optional(name),
    cron: Type.Optional(trigger.cron),
    timeZone: Type.Optional(trigger.timeZone),
    afterInteractions: Type.Optional(trigger.afterInteractions),
    job: DistillationSpec,
    paused: Type.Optional(Type.Boolean({ description: 'True: it starts nothing until it is resumed.' })),
  },
  { additionalProperties: false },
);
export type ScheduleSpec = Static<typeof ScheduleSpec>;

const Time = Type.String({ format: 'date-time' });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);

export const Schedule = Type.Object(
  {
    id: Type.String({ examples: ['sch_01kq3v5yqk8r7m2d9xw4t6b1ce'] }),
    name: orNull(name),
    cron: orNull(trigger.cron),
    timeZone: orNull(trigger.timeZone),
    afterInteractions: orNull(trigger.afterInteractions),
    job: DistillationSpec,
    paused: Type.Boolean(),
    createdAt: Time,
    nextRunAt: orNull(
      Type.String({ format: 'date-time', description: 'Null while paused, and without cron.' }),
    ),
    lastRun: orNull(Type.Object({ jobId: Type.String(), at: Time })),
    lastSkip: orNull(
      Type.Object(
        { at: Time, reason: Type.String() },
        { description: 'The last time that was due and started no job, and why.' },
      ),
    ),
    keyId: orNull(Type.String({ description: 'Which API key made it; its jobs have the same.' })),
  },
  { description: 'Starts the same job again and again: by the clock, or when enough new data has come.' },
);
export type Schedule = Static<typeof Schedule>;

const SCHEDULED_SPLIT = { strategy: 'global-time', withoutTimes: 'last-fraction' } as const;

/**
 * Fills in the defaults of a schedule's job. A job that names no split is split at one moment where its task allows it: the next
 * version is to be tested on what has come since, also by those who were taught by the last one.
 */
export function completeScheduled(job: DistillationSpec): CompleteDistillation {
  const { task = 'single-label', dataset } = job;
  if (dataset?.split || splitsInstead(SCHEDULED_SPLIT, task) !== null) return completeDistillation(job);
  return completeDistillation({ ...job, dataset: { ...dataset, split: SCHEDULED_SPLIT } });
}

/** Problem of a schedule's triggers that its schema cannot find, or null. */
export function triggerProblem({ cron, timeZone, afterInteractions, job }: ScheduleSpec): string | null {
  if (cron === undefined && afterInteractions === undefined) {
    return 'Say when it runs: cron, such as "0 3 * * *", or afterInteractions, such as 100000';
  }
  if (cron !== undefined && afterInteractions !== undefined) {
    return 'cron and afterInteractions are both given; a schedule has one of them, so make two schedules';
  }
  if (cron === undefined && timeZone !== undefined) return 'timeZone belongs to cron, which is not given';
  if (job.notBefore !== undefined) {
    return 'job.notBefore is not possible in a schedule, which says itself when its jobs start; leave it out';
  }
  return null;
}
