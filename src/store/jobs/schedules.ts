import { type Kysely, type Selectable, sql } from 'kysely';
import { AppError } from '../../core/errors.ts';
import { FINISHED_STATES, type JobState } from '../../domain/jobs/job.ts';
import type { Schedule } from '../../domain/jobs/schedule.ts';
import { withCurrentNames } from '../../domain/losses/former-names.ts';
import { isoTime } from '../engine/iso-time.ts';
import { newestFirst } from '../engine/newest-first.ts';
import type { Schema, SqlEngine } from '../engine/schema.ts';
import type { DueSchedule, FireAnswer, JobTemplate, NewSchedule, ScheduleStore } from './contract.ts';
import { insertJob, refuseBeyond } from './job-insert.ts';

type Row = Selectable<Schema['schedules']>;
interface Skip {
  at: number;
  reason: string;
  /** The unfinished job that was in the way. */
  jobId?: string;
}

export function createSchedules(engine: SqlEngine): ScheduleStore {
  const { reads, write, now } = engine;
  const one = (db: Kysely<Schema>, id: string) =>
    db.selectFrom('schedules').selectAll().where('id', '=', id).executeTakeFirst();

  return {
    create: (schedule) => create(engine, schedule),
    async get(id) {
      const row = await one(reads, id);
      return row ? toSchedule(row) : null;
    },
    async list(limit, cursor) {
      const all = reads.selectFrom('schedules').selectAll();
      const { rows, nextCursor } = await newestFirst(all, 'created_at', limit, cursor);
      return { rows: rows.map(toSchedule), nextCursor };
    },
    setPaused: (id, paused, nextAt) =>
      write(async (db) => {
        const row = await db
          .updateTable('schedules')
          .set((eb) => ({ paused: paused ? 1 : 0, next_at: nextAt, revision: eb('revision', '+', 1) }))
          .where('id', '=', id)
          .where('paused', '=', paused ? 0 : 1)
          .returningAll()
          .executeTakeFirst();
        const now = row ?? (await one(db, id));
        return now ? toSchedule(now) : null;
      }),
    remove: (id) =>
      write(async (db) => {
        const { numDeletedRows } = await db.deleteFrom('schedules').where('id', '=', id).executeTakeFirst();
        return numDeletedRows > 0n;
      }),
    async due() {
      const rows = await reads
        .selectFrom('schedules')
        .selectAll()
        .where('paused', '=', 0)
        .where((eb) => eb.or([eb('next_at', '<=', now()), eb('after_interactions', 'is not', null)]))
        .execute();
      const due: DueSchedule[] = [];
      for (const row of rows) if (await isDue(reads, row)) due.push(toDue(row));
      return due;
    },
    fire: (schedule, jobId, nextAt, mostQueued) => fire(engine, schedule, { jobId, nextAt, mostQueued }),
  };
}

function create({ write, now }: SqlEngine, schedule: NewSchedule): Promise<Schedule> {
  return write(async (db) => {
    const row = await db
      .insertInto('schedules')
      .values({
        id: schedule.id,
        name: schedule.name ?? null,
        created_at: now(),
        cron: schedule.cron ?? null,
        time_zone: schedule.timeZone ?? null,
        after_interactions: schedule.afterInteractions ?? null,
        job: JSON.stringify(schedule.job),
        paused: schedule.paused ? 1 : 0,
        next_at: schedule.nextAt,
        counted_from: await newestInteraction(db),
        key_id: schedule.job.keyId ?? null,
      })
      .returningAll()
      .executeTakeFirstOrThrow();
    return toSchedule(row);
  });
}

/**
 * True for a schedule that is due by the count of new interactions; the clock was the query's part. The exact count
 * is asked for only when the numbers allow it.
 */
async function isDue(db: Kysely<Schema>, row: Row): Promise<boolean> {
  const { after_interactions: wanted, counted_from: from } = row;
  if (wanted === null) return true;
  if ((await newestInteraction(db)) - from < wanted) return false;
  const fresh = db.selectFrom('interactions').select('seq').where('seq', '>', from).limit(wanted).as('fresh');
  const { count } = await db
    .selectFrom(fresh)
    .select((eb) => eb.fn.countAll<number>().as('count'))
    .executeTakeFirstOrThrow();
  return Number(count) >= wanted;
}

async function newestInteraction(db: Kysely<Schema>): Promise<number> {
  const { seq } = await db
    .selectFrom('interactions')
    .select((eb) => eb.fn.max('seq').as('seq'))
    .executeTakeFirstOrThrow();
  return Number(seq ?? 0);
}

interface Firing {
  jobId: string;
  nextAt: number | null;
  mostQueued: number | undefined;
}

/** The job and the schedule's step forward are one transaction, and the revision lets only one process make it. */
function fire({ write, now }: SqlEngine, due: DueSchedule, firing: Firing): Promise<FireAnswer> {
  const { jobId, nextAt, mostQueued } = firing;
  return write(async (db) => {
    const row = await db
      .selectFrom('schedules')
      .selectAll()
      .where('id', '=', due.id)
      .where('revision', '=', due.revision)
      .where('paused', '=', 0)
      .executeTakeFirst();
    if (!row) return { kind: 'lost' };
    const at = now();
    const step = (changes: Partial<Row>) =>
      db
        .updateTable('schedules')
        .set({ ...changes, next_at: nextAt, revision: sql<number>`revision + 1` })
        .where('id', '=', due.id)
        .where('revision', '=', due.revision)
        .executeTakeFirst();
    const obstacle = (await unfinished(db, row)) ?? (await fullQueue(db, mostQueued));
    if (obstacle) {
      const before = row.skip === null ? null : (JSON.parse(row.skip) as Skip);
      // Without a clock it stays due, and is not skipped anew at every look.
      if (row.cron === null && before?.reason === obstacle.reason) return { kind: 'waits' };
      await step({ skip: JSON.stringify({ at, ...obstacle }) });
      return { kind: 'skipped', reason: obstacle.reason };
    }
    const stepped = await step({ last_job: jobId, last_at: at, counted_from: await newestInteraction(db) });
    if (stepped.numUpdatedRows === 0n) return { kind: 'lost' };
    await insertJob(db, { ...due.job, id: jobId, scheduleId: due.id }, at);
    return { kind: 'started' };
  });
}

async function unfinished(db: Kysely<Schema>, { last_job: id }: Row): Promise<Omit<Skip, 'at'> | null> {
  if (id === null) return null;
  const job = await db.selectFrom('jobs').select('state').where('id', '=', id).executeTakeFirst();
  if (!job || FINISHED_STATES.includes(job.state as JobState)) return null;
  return { reason: `The last job, ${id}, is still ${job.state}.`, jobId: id };
}

async function fullQueue(db: Kysely<Schema>, mostQueued?: number): Promise<Omit<Skip, 'at'> | null> {
  try {
    await refuseBeyond(db, mostQueued);
    return null;
  } catch (error) {
    if (error instanceof AppError && error.code === 'queue-full') return { reason: error.detail };
    throw error;
  }
}

function templateOf(row: Row): JobTemplate {
  const template: JobTemplate = JSON.parse(row.job);
  return { ...template, spec: withCurrentNames(template.spec) };
}

function toDue(row: Row): DueSchedule {
  return {
    id: row.id,
    revision: row.revision,
    cron: row.cron,
    timeZone: row.time_zone,
    job: templateOf(row),
  };
}

function toSchedule(row: Row): Schedule {
  const skip = row.skip === null ? null : (JSON.parse(row.skip) as Skip);
  return {
    id: row.id,
    name: row.name,
    cron: row.cron,
    timeZone: row.time_zone,
    afterInteractions: row.after_interactions,
    job: templateOf(row).spec as Schedule['job'],
    paused: row.paused === 1,
    createdAt: isoTime(row.created_at),
    nextRunAt: row.next_at === null ? null : isoTime(row.next_at),
    lastRun:
      row.last_job === null || row.last_at === null
        ? null
        : { jobId: row.last_job, at: isoTime(row.last_at) },
    lastSkip: skip && { at: isoTime(skip.at), reason: skip.reason },
    keyId: row.key_id,
  };
}
