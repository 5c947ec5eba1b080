import { messageOf } from '../../core/errors.ts';
import type { Logger } from '../../core/logger.ts';
import { newJobId } from '../../domain/base/job-id.ts';
import { nextRun } from '../../domain/jobs/cron.ts';
import type { JobQueues } from '../../jobs/queue.ts';
import type { Turn } from '../../jobs/turn.ts';
import type { DueSchedule } from '../../store/jobs/contract.ts';
import type { Store } from '../../store/store.ts';

interface SchedulerDeps {
  schedules: Pick<Store['schedules'], 'due' | 'fire'>;
  queues: Pick<JobQueues, 'add'>;
  now(): number;
  mostQueued?: number | undefined;
  logger: Logger;
}

/**
 * Starts the jobs of the schedules that are due. Any number of workers may look at the same time: in SQL one of them
 * gets each run. Runs that were missed while nobody looked are one run, since the next time is counted from now.
 */
export function createScheduler(deps: SchedulerDeps): () => Promise<void> {
  const { schedules, queues, now, mostQueued, logger } = deps;

  async function fire(due: DueSchedule): Promise<void> {
    const { id, cron, timeZone, job } = due;
    const jobId = newJobId(now());
    const nextAt = cron === null ? null : await nextRun(cron, timeZone ?? 'UTC', now());
    const answer = await schedules.fire(due, jobId, nextAt, mostQueued);
    if (answer.kind === 'skipped') logger.warn({ schedule: id, reason: answer.reason }, 'a run is skipped');
    if (answer.kind !== 'started') return;
    logger.info({ schedule: id, jobId }, 'a schedule has started a job');
    // Should this fail, reconciliation finds the record.
    await queues.add({ id: jobId, type: job.type }, job.spec as Turn, now());
  }

  let isRunning = false;
  return async function look(): Promise<void> {
    if (isRunning) return;
    isRunning = true;
    try {
      for (const due of await schedules.due()) {
        await fire(due).catch((error) =>
          logger.warn({ schedule: due.id, reason: messageOf(error) }, 'a schedule could not start its job'),
        );
      }
    } catch (error) {
      logger.debug({ reason: messageOf(error) }, 'schedules have to wait');
    } finally {
      isRunning = false;
    }
  };
}
