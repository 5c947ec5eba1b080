import { DelayedError, type Processor, UnrecoverableError, WaitingError } from 'bullmq';
import type { QueuePayload } from '../../jobs/contract.ts';
import type { WorkerClocks } from './clocks.ts';
import type { JobRunner } from './runner.ts';

/** From BullMQ to the runner and back: each outcome in BullMQ's own terms. */
export function createProcessor(
  runner: JobRunner,
  { busyPauseMs }: Pick<WorkerClocks, 'busyPauseMs'>,
): Processor<QueuePayload, void> {
  return async (entry, token) => {
    const outcome = await runner.run(String(entry.data?.jobId));
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
