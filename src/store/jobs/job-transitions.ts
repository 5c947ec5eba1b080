import type { Kysely, Updateable } from 'kysely';
import { FINISHED_STATES, type ImportResult, type JobEvent, type JobState } from '../../domain/jobs/job.ts';
import type { NewNotice } from '../../domain/notices/notice.ts';
import type { JobTable, Schema, SqlEngine } from '../engine/schema.ts';
import { addNotice } from '../notices/add-notice.ts';
import type { ClaimAnswer, ClaimOptions, JobPatch } from './contract.ts';
import { count, measure } from './job-counters.ts';

/** States in which a job holds a worker. */
const HELD = ['running', 'cancelling'] as const;

export function transition(
  engine: SqlEngine,
  id: string,
  from: readonly JobState[],
  to: JobState,
  patch: JobPatch,
): Promise<boolean> {
  return engine.write((db) => transitionIn(db, engine.now(), id, from, to, patch));
}

/** The engine lets one writer in at a time, so what is counted here still holds when the update comes. */
export function claim(
  engine: SqlEngine,
  id: string,
  from: JobState,
  { mostRunning, problem }: ClaimOptions,
): Promise<ClaimAnswer> {
  return engine.write(async (db) => {
    const job = await db
      .selectFrom('jobs')
      .select(['exclusive', 'type'])
      .where('id', '=', id)
      .executeTakeFirst();
    if (!job) return 'lost';
    const others = db.selectFrom('jobs').where('id', '<>', id).where('state', 'in', HELD);
    if (job.exclusive !== null) {
      const other = await others.select('id').where('exclusive', '=', job.exclusive).executeTakeFirst();
      if (other) return 'model-busy';
    }
    if (mostRunning !== undefined) {
      const { running } = await others
        .where('type', '=', job.type)
        .select((eb) => eb.fn.countAll<number>().as('running'))
        .executeTakeFirstOrThrow();
      if (Number(running) >= mostRunning) return 'all-busy';
    }
    const patch = problem ? { problem } : {};
    return (await transitionIn(db, engine.now(), id, [from], 'running', patch)) ? 'claimed' : 'lost';
  });
}

async function transitionIn(
  db: Kysely<Schema>,
  at: number,
  id: string,
  from: readonly JobState[],
  to: JobState,
  patch: JobPatch,
): Promise<boolean> {
  if (from.length === 0) return false;
  const before = await db
    .selectFrom('jobs')
    .select(['type', 'model', 'state', 'created_at', 'not_before', 'started_at', 'attempts'])
    .where('id', '=', id)
    .executeTakeFirst();
  const event = { type: 'state', data: { state: to, ...patch } } as const;
  const changed = await changeIn(
    db,
    at,
    id,
    from,
    changesFor(to, patch, at, before?.type),
    event,
    to === 'running' ? 1 : 0,
  );
  if (changed && before) await countTransition(db, at, before, to, patch);
  if (changed && before && FINISHED_STATES.includes(to)) {
    await addNotice(db, jobEnded({ id, ...before }, to, patch), at);
  }
  return changed;
}

type Before = Pick<JobTable, 'type' | 'state' | 'not_before' | 'started_at' | 'attempts' | 'created_at'>;

async function countTransition(
  db: Kysely<Schema>,
  at: number,
  before: Before,
  to: JobState,
  { result }: JobPatch,
): Promise<void> {
  const { type, state, attempts, not_before, created_at, started_at } = before;
  if (to === 'running' && attempts === 0) {
    await measure(db, 'wait', type, at - Math.max(Number(created_at), Number(not_before ?? 0)));
  }
  if (to === 'running' && attempts > 0) await count(db, 'retries', type);
  // Taken over from a holder that is gone: by the next one, or by reconciliation.
  if (to === 'running' && state === 'running') await count(db, 'stalls', type);
  if (!FINISHED_STATES.includes(to)) return;
  await count(db, 'finished', `${type} ${to}`);
  if (to === 'succeeded' && type === 'import') await countRows(db, result as ImportResult);
  if (started_at !== null) await measure(db, 'run', type, at - Number(started_at));
}

async function countRows(
  db: Kysely<Schema>,
  { accepted, duplicates, rejected, dryRun }: ImportResult,
): Promise<void> {
  if (dryRun) return;
  const outcomes = { accepted, duplicate: duplicates, rejected };
  for (const [outcome, rows] of Object.entries(outcomes)) {
    if (rows > 0) await count(db, 'rows', outcome, rows);
  }
}

function jobEnded(
  { id, type, model }: Pick<JobTable, 'id' | 'type' | 'model'>,
  state: JobState,
  { result, problem }: JobPatch,
): NewNotice {
  const version = result && 'version' in result ? result.version : undefined;
  return {
    kind: 'job.ended',
    model: model ?? undefined,
    version,
    job: id,
    data: { type, state, ...(problem && { problem: { code: problem.code, detail: problem.detail } }) },
  };
}

export type NewEvent = { type: JobEvent['type']; data: object };

/** `changeIn` in a transaction of its own. */
export function change(
  engine: SqlEngine,
  id: string,
  from: readonly JobState[] | 'any state',
  changes: Updateable<JobTable>,
  event: NewEvent,
): Promise<boolean> {
  return engine.write((db) => changeIn(db, engine.now(), id, from, changes, event, 0));
}

/**
 * One conditional update together with its event. The event's number comes from a counter in the job's row, which
 * the update holds: so events have neither gaps nor doubles.
 * @returns false, and nothing happens, unless there is such a job in one of the states
 */
async function changeIn(
  db: Kysely<Schema>,
  at: number,
  id: string,
  from: readonly JobState[] | 'any state',
  changes: Updateable<JobTable>,
  event: NewEvent,
  newAttempts: number,
): Promise<boolean> {
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
  const data = JSON.stringify(event.data);
  await db
    .insertInto('job_events')
    .values({ job_id: id, seq: job.last_event, at, type: event.type, data })
    .execute();
  return true;
}

/**
 * The columns that follow from the new state. A job that is queued again starts over, but keeps counting its attempts; an import
 * goes on behind the rows that its progress names.
 */
function changesFor(to: JobState, patch: JobPatch, at: number, type?: string): Updateable<JobTable> {
  const changes: Updateable<JobTable> = { state: to };
  if (to === 'running') changes.started_at = at;
  if (FINISHED_STATES.includes(to)) changes.finished_at = at;
  if (to === 'queued') {
    Object.assign(changes, {
      started_at: null,
      finished_at: null,
      ...(type !== 'import' && { progress: null }),
      result: null,
      problem: null,
    });
  }
  if (patch.result !== undefined) changes.result = toJson(patch.result);
  if (patch.problem !== undefined) changes.problem = toJson(patch.problem);
  return changes;
}

const toJson = (value: object | null) => (value === null ? null : JSON.stringify(value));
