import type { Updateable } from 'kysely';
import { problem } from '../core/errors.ts';
import { FINISHED_STATES, type Job, type JobEvent, type JobState } from '../domain/job.ts';
import { decodeCursor, encodeCursor } from './cursor.ts';
import { toEvent, toJob } from './job-rows.ts';
import type { Engine, JobTable } from './schema.ts';
import type { JobPatch, JobStore, NewJob, Paged } from './store.ts';

export function createJobs(engine: Engine): JobStore {
  return {
    create: (job) => createJob(engine, job),
    async get(id) {
      const row = await engine.reads.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? toJob(row) : null;
    },
    list: (filter, limit, cursor) => listJobs(engine, filter, limit, cursor),
    async countUnfinished(type) {
      const { count } = await engine.reads
        .selectFrom('jobs')
        .select((eb) => eb.fn.countAll<number>().as('count'))
        .where('type', '=', type)
        .where('state', 'not in', FINISHED_STATES)
        .executeTakeFirstOrThrow();
      return Number(count);
    },
    async transition(id, from, to, patch = {}) {
      if (from.length === 0) return false;
      const event = { type: 'state', data: { state: to, ...patch } } as const;
      return changeJob(
        engine,
        id,
        from,
        changesFor(to, patch, engine.now()),
        event,
        to === 'running' ? 1 : 0,
      );
    },
    async progress(id, progress) {
      const event = { type: 'progress', data: progress } as const;
      await changeJob(engine, id, ['running'], { progress: JSON.stringify(progress) }, event);
    },
    async warn(id, message) {
      await changeJob(engine, id, 'any state', {}, { type: 'warning', data: { message } });
    },
    async events(id, after, limit) {
      const rows = await engine.reads
        .selectFrom('job_events')
        .selectAll()
        .where('job_id', '=', id)
        .where('seq', '>', after)
        .orderBy('seq')
        .limit(limit)
        .execute();
      return rows.map(toEvent);
    },
    async remove(id) {
      await engine.write((db) =>
        db.deleteFrom('jobs').where('id', '=', id).where('state', '=', 'queued').execute(),
      );
    },
  };
}

function createJob({ write, now }: Engine, job: NewJob): Promise<Job> {
  return write(async (db) => {
    const at = now();
    const row = await db
      .insertInto('jobs')
      .values({
        id: job.id,
        type: job.type,
        state: 'queued',
        model: job.model,
        spec: JSON.stringify(job.spec),
        attempts: 0,
        created_at: at,
        last_event: 1,
      })
      .onConflict((conflict) => conflict.doNothing())
      .returningAll()
      .executeTakeFirst();
    if (!row) throw problem('conflict', `There is already a job ${job.id}`);
    await db
      .insertInto('job_events')
      .values({ job_id: job.id, seq: 1, at, type: 'state', data: '{"state":"queued"}' })
      .execute();
    return toJob(row);
  });
}

/**
 * One conditional update together with its event. The event's number comes from a counter in the job's row, which
 * the update holds: so events have neither gaps nor doubles.
 * @returns false, and nothing happens, unless there is such a job in one of the states
 */
function changeJob(
  { write, now }: Engine,
  id: string,
  from: readonly JobState[] | 'any state',
  changes: Updateable<JobTable>,
  event: { type: JobEvent['type']; data: object },
  newAttempts = 0,
): Promise<boolean> {
  return write(async (db) => {
    let update = db
      .updateTable('jobs')
      .set(changes)
      .set((eb) => ({
        last_event: eb('last_event', '+', 1),
        attempts: eb('attempts', '+', newAttempts),
      }))
      .where('id', '=', id);
    if (from !== 'any state') update = update.where('state', 'in', from);
    const job = await update.returning('last_event').executeTakeFirst();
    if (!job) return false;
    await db
      .insertInto('job_events')
      .values({
        job_id: id,
        seq: job.last_event,
        at: now(),
        type: event.type,
        data: JSON.stringify(event.data),
      })
      .execute();
    return true;
  });
}

/** What follows from the new state. A job that is queued again starts over, but keeps counting its attempts. */
function changesFor(to: JobState, patch: JobPatch, at: number): Updateable<JobTable> {
  const changes: Updateable<JobTable> = { state: to };
  if (to === 'running') changes.started_at = at;
  if (FINISHED_STATES.includes(to)) changes.finished_at = at;
  if (to === 'queued') {
    Object.assign(changes, {
      started_at: null,
      finished_at: null,
      progress: null,
      result: null,
      problem: null,
    });
  }
  if (patch.result !== undefined) changes.result = toJson(patch.result);
  if (patch.problem !== undefined) changes.problem = toJson(patch.problem);
  return changes;
}

const toJson = (value: object | null) => (value === null ? null : JSON.stringify(value));

async function listJobs(
  { reads }: Engine,
  filter: { state?: JobState; type?: Job['type']; model?: string },
  limit: number,
  cursor?: string,
): Promise<Paged<Job>> {
  let query = reads.selectFrom('jobs').selectAll();
  if (filter.state) query = query.where('state', '=', filter.state);
  if (filter.type) query = query.where('type', '=', filter.type);
  if (filter.model) query = query.where('model', '=', filter.model);
  if (cursor !== undefined) {
    const [createdAt, id] = decodeCursor(cursor, ['number', 'string']) as [number, string];
    query = query.where((eb) => eb(eb.refTuple('created_at', 'id'), '<', eb.tuple(createdAt, id)));
  }
  const found = await query
    .orderBy('created_at', 'desc')
    .orderBy('id', 'desc')
    .limit(limit + 1)
    .execute();
  const page = found.slice(0, limit);
  const last = found.length > limit ? page.at(-1) : undefined;
  return { rows: page.map(toJob), nextCursor: last ? encodeCursor([last.created_at, last.id]) : null };
}
