import { setTimeout as sleep } from 'node:timers/promises';
import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import type { JobPlan } from '../../domain/jobs/job-plan.ts';
import type { AppDeps } from '../deps.ts';

/** A client that posts a job waits so long for its plan, and no longer: the job needs none to start. */
const PATIENCE_MS = 2_000;

export interface Planning {
  /** The plans, one per job; empty where they take longer, or none can be made. */
  soon: Promise<JobPlan[]>;
  /** Keeps plans that take longer with their jobs, when they are there. */
  keepLater(jobIds: readonly string[]): void;
}

/** Plans jobs that are about to start. That none can be made is in the log, and the jobs start without. */
export function planFor(
  { planner, store, logger }: Pick<AppDeps, 'planner' | 'store' | 'logger'>,
  requested: DistillationSpec,
  specs: readonly CompleteDistillation[],
): Planning {
  // Files are read when the job runs, and not before.
  if (requested.dataset?.source) return { soon: Promise.resolve([]), keepLater: () => {} };
  const plans = planner.plan(requested, specs).catch((error): JobPlan[] => {
    logger.error({ err: error }, 'the job starts without a plan, as none could be made');
    return [];
  });
  const late = sleep(PATIENCE_MS, [], { ref: false });
  return {
    soon: Promise.race([plans, late]),
    keepLater(jobIds) {
      const keep = async () => {
        for (const [i, plan] of (await plans).entries()) await store.jobs.keepPlan(jobIds[i]!, plan);
      };
      keep().catch((error) => logger.error({ err: error }, 'the plan of a job could not be kept'));
    },
  };
}
