import type { JobPlan, PlannedJob } from '../../domain/jobs/job-plan.ts';
import type { SqlEngine } from '../engine/schema.ts';

/**
 * The newest jobs whose time says how right their plans were. Left out are those that went on from something that was kept: later
 * attempts, retries, and students whose teacher another job trained.
 */
export async function readPlanned({ reads }: SqlEngine, limit: number): Promise<PlannedJob[]> {
  const rows = await reads
    .selectFrom('jobs')
    .select(['id', 'plan', 'started_at', 'finished_at'])
    .where('type', '=', 'distillation')
    .where('state', '=', 'succeeded')
    .where('attempts', '=', 1)
    .where('retried_from', 'is', null)
    .where('waits_for', 'is', null)
    .where('plan', 'is not', null)
    .orderBy('created_at', 'desc')
    .limit(limit)
    .execute();
  return rows.flatMap(({ id, plan, started_at: from, finished_at: to }) => {
    const { spec, expected } = JSON.parse(plan!) as JobPlan;
    const { plannedSeconds } = expected;
    if (plannedSeconds === null || from === null || to === null || to <= from) return [];
    const task = spec.tasks ? 'several' : (spec.task ?? 'single-label');
    return [{ id, task, plannedSeconds, seconds: (Number(to) - Number(from)) / 1000 }];
  });
}
