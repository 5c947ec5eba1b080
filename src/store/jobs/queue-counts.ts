import { type JobState, JobState as JobStateSchema } from '../../domain/jobs/job.ts';
import { JOB_LANES, type JobLane, typeOf } from '../../domain/jobs/lane.ts';
import type { SqlEngine } from '../engine/schema.ts';
import type { LaneCounts, QueueCounts } from './contract.ts';
import { toJob } from './job-rows.ts';

/** Reads how many jobs are in each state and lane, and which has waited longest. */
export async function queueCounts(engine: SqlEngine): Promise<QueueCounts> {
  const rows = await engine.reads
    .selectFrom('jobs')
    .select((eb) => ['type', 'state', eb.fn.countAll<number>().as('count')] as const)
    .groupBy(['type', 'state'])
    .execute();
  const count = (state: JobState, type?: string) =>
    rows
      .filter((row) => row.state === state && (type === undefined || row.type === type))
      .reduce((sum, row) => sum + Number(row.count), 0);
  const lanes = await Promise.all(
    JOB_LANES.map(async (lane): Promise<[JobLane, LaneCounts]> => {
      const type = typeOf(lane);
      const running = count('running', type) + count('cancelling', type);
      return [lane, { queued: count('queued', type), running, ...(await waitingOf(engine, type)) }];
    }),
  );
  const oldest = lanes.flatMap(([, { oldestWaiting }]) => oldestWaiting ?? []);
  return {
    states: Object.fromEntries(
      JobStateSchema.enum.map((state) => [state, count(state)]),
    ) as QueueCounts['states'],
    delayed: lanes.reduce((sum, [, { delayed }]) => sum + delayed, 0),
    oldestWaiting: oldest.sort((a, b) => Date.parse(a.createdAt) - Date.parse(b.createdAt))[0] ?? null,
    lanes: Object.fromEntries(lanes) as QueueCounts['lanes'],
  };
}

async function waitingOf(
  { reads, now }: SqlEngine,
  type: string,
): Promise<Pick<LaneCounts, 'delayed' | 'oldestWaiting'>> {
  const queued = reads.selectFrom('jobs').where('state', '=', 'queued').where('type', '=', type);
  const { delayed } = await queued
    .select((eb) => eb.fn.countAll<number>().as('delayed'))
    .where('not_before', '>', now())
    .executeTakeFirstOrThrow();
  const oldest = await queued
    .selectAll()
    .where((eb) => eb.or([eb('not_before', 'is', null), eb('not_before', '<=', now())]))
    .orderBy('created_at')
    .limit(1)
    .executeTakeFirst();
  return { delayed: Number(delayed), oldestWaiting: oldest ? toJob(oldest) : null };
}
