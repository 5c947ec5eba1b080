import { FINISHED_STATES, type Job, type JobState } from '../../domain/jobs/job.ts';
import { newestFirst } from '../engine/newest-first.ts';
import type { Paged } from '../engine/paged.ts';
import type { SqlEngine } from '../engine/schema.ts';
import type { CreateOptions, JobStore, NewJob } from './contract.ts';
import { keepAnswer } from './idempotency.ts';
import { measure, readCounters } from './job-counters.ts';
import { insertJob, refuseBeyond } from './job-insert.ts';
import { addLogs, readLogs } from './job-logs.ts';
import { toEvent, toJob } from './job-rows.ts';
import { change, claim, transition } from './job-transitions.ts';
import { readPlanned } from './planned-jobs.ts';
import { queueCounts } from './queue-counts.ts';
import { sealQueries } from './seal-queries.ts';

export function createJobs(engine: SqlEngine): JobStore {
  return {
    create: (job, options = {}) => createJob(engine, job, options),
    async get(id) {
      const row = await engine.reads.selectFrom('jobs').selectAll().where('id', '=', id).executeTakeFirst();
      return row ? { ...toJob(row), ...(row.plan !== null && { plan: JSON.parse(row.plan) }) } : null;
    },
    async keepPlan(id, plan) {
      await engine.write(async (db) => {
        await db
          .updateTable('jobs')
          .set({ plan: JSON.stringify(plan) })
          .where('id', '=', id)
          .execute();
      });
    },
    async keepTrace(id, trace) {
      await engine.write(async (db) => {
        await db
          .updateTable('jobs')
          .set({ trace: JSON.stringify(trace) })
          .where('id', '=', id)
          .where('trace', 'is', null)
          .execute();
      });
    },
    planned: (limit) => readPlanned(engine, limit),
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
    transition: (id, from, to, patch = {}) => transition(engine, id, from, to, patch),
    claim: (id, from, limits) => claim(engine, id, from, limits),
    waitingFor: (job) => waitingFor(engine, job),
    async progress(id, progress) {
      const event = { type: 'progress', data: progress } as const;
      await change(engine, id, ['running'], { progress: JSON.stringify(progress) }, event);
    },
    async warn(id, message) {
      await change(engine, id, 'any state', {}, { type: 'warning', data: { message } });
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
    async followers(id) {
      const query = engine.reads.selectFrom('jobs').select('id').where('waits_for', '=', id);
      return (await query.orderBy('created_at').orderBy('id').execute()).map((row) => row.id);
    },
    log: (id, lines) => addLogs(engine, id, lines),
    logs: (id, after, limit) => readLogs(engine, id, after, limit),
    queueCounts: () => queueCounts(engine),
    counters: () => readCounters(engine),
    measureStages: (milliseconds) =>
      engine.write(async (db) => {
        for (const [stage, ms] of Object.entries(milliseconds)) await measure(db, 'stage', stage, ms);
      }),
    sealQueries: (seal) => sealQueries(engine, seal),
    async remove(id) {
      await engine.write(async (db) => {
        await db.deleteFrom('jobs').where('id', '=', id).where('state', '=', 'queued').execute();
        await db.deleteFrom('idempotency_keys').where('job_id', '=', id).execute();
      });
    },
  };
}

function createJob({ write, now }: SqlEngine, job: NewJob, options: CreateOptions): Promise<Job> {
  const { mostQueued, answers } = options;
  return write(async (db) => {
    await refuseBeyond(db, mostQueued);
    const created = await insertJob(db, job, now());
    if (answers) await keepAnswer(db, job.id, answers, now());
    return created;
  });
}

/**
 * The next of the same model, the next of its lane, and those that use its teacher: the first may have found the model
 * busy, the second all workers.
 */
async function waitingFor({ reads }: SqlEngine, job: Pick<Job, 'id' | 'type' | 'model'>): Promise<Job[]> {
  const next = () =>
    reads
      .selectFrom('jobs')
      .selectAll()
      .where('state', '=', 'queued')
      // Those that failed sit out their back-off.
      .where('problem', 'is', null)
      .orderBy('priority', 'desc')
      .orderBy('created_at')
      .limit(1);
  const rows = await next().where('type', '=', job.type).execute();
  if (job.model !== null) rows.push(...(await next().where('exclusive', '=', job.model).execute()));
  rows.push(
    ...(await reads
      .selectFrom('jobs')
      .selectAll()
      .where('waits_for', '=', job.id)
      .where('state', '=', 'queued')
      .where('problem', 'is', null)
      .execute()),
  );
  return rows.map(toJob);
}

async function listJobs(
  { reads }: SqlEngine,
  filter: { state?: JobState; type?: Job['type']; model?: string },
  limit: number,
  cursor?: string,
): Promise<Paged<Job>> {
  let query = reads.selectFrom('jobs').selectAll();
  if (filter.state) query = query.where('state', '=', filter.state);
  if (filter.type) query = query.where('type', '=', filter.type);
  if (filter.model) query = query.where('model', '=', filter.model);
  const { rows, nextCursor } = await newestFirst(query, 'created_at', limit, cursor);
  return { rows: rows.map(toJob), nextCursor };
}
