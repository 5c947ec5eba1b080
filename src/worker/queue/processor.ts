import { DelayedError, type Processor, UnrecoverableError, WaitingError } from 'bullmq';
import { type JobLane, laneOf } from '../../domain/jobs/lane.ts';
import type { QueuePayload } from '../../jobs/contract.ts';
import type { JobQueues } from '../../jobs/queue.ts';
import type { Turn } from '../../jobs/turn.ts';
import type { Store } from '../../store/store.ts';
import type { JobRunner } from './runner.ts';

export interface ProcessorDeps {
  lane: JobLane;
  runner: JobRunner;
  queues: Pick<JobQueues, 'add'>;
  jobs: Pick<Store['jobs'], 'get'>;
  busyPauseMs: number;
  /** True while the places of this lane are taken by what did not come through its queue. */
  isFull?: (() => boolean) | undefined;
}

/** When a worker looks again whose places were taken. */
const FULL_PAUSE_MS = 1000;

/** From BullMQ to the runner and back: each outcome in BullMQ's own terms. */
export function createProcessor(deps: ProcessorDeps): Processor<QueuePayload, void> {
  const { runner, busyPauseMs } = deps;
  return async (entry, token) => {
    const jobId = String(entry.data?.jobId);
    if (await isForwarded(jobId, deps)) return;
    if (deps.isFull?.()) {
      // For others, or for later.
      await entry.moveToDelayed(Date.now() + FULL_PAUSE_MS, token);
      throw new DelayedError();
    }
    const outcome = await runner.run(jobId);
    switch (outcome.kind) {
      case 'finished':
        return;
      case 'failed':
        throw new UnrecoverableError(outcome.detail);
      case 'busy':
        await entry.moveToDelayed(Date.now() + busyPauseMs, token);
        throw new DelayedError();
      case 'retry':
      case 'wait':
        await entry.moveToDelayed(Date.now() + outcome.pauseMs, token);
        throw new DelayedError();
      case 'put-back':
        await entry.moveToWait(token);
        throw new WaitingError();
      default:
        return outcome satisfies never;
    }
  };
}

/** An earlier release puts jobs of all kinds into one queue: those of other lanes go there. */
async function isForwarded(jobId: string, { lane, queues, jobs }: ProcessorDeps): Promise<boolean> {
  const job = await jobs.get(jobId);
  if (!job || laneOf(job.type) === lane) return false;
  await queues.add(job, job.spec as Turn, Date.now());
  return true;
}
