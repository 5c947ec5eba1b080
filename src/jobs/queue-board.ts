import type { BaseAdapter } from '@bull-board/api/baseAdapter';
import { JOB_LANES } from '../domain/jobs/lane.ts';
import type { JobQueues } from './queue.ts';

/** The part of a queue that a page about it asks for. */
export type QueueBoard = BaseAdapter;

/**
 * Loaded when somebody opens the page, not at every start. It only shows: the truth is in SQL, so an entry that is
 * removed or promoted on the queue alone would come back with the next reconciliation.
 */
export async function createQueueBoards(queues: JobQueues): Promise<QueueBoard[]> {
  const { BullMQAdapter } = await import('@bull-board/api/bullMQAdapter');
  return JOB_LANES.map(
    (lane) =>
      new BullMQAdapter(queues.of(lane), {
        readOnlyMode: true,
        displayName: lane,
        description: 'One entry per job; GET /jobs has them all',
      }),
  );
}
