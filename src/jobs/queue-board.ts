import type { BaseAdapter } from '@bull-board/api/baseAdapter';
import type { JobQueue } from './queue.ts';

/** The part of the queue that a page about it asks for. */
export type QueueBoard = BaseAdapter;

/**
 * Loaded when somebody opens the page, not at every start. It only shows: the truth is in SQL, so an entry that is
 * removed or promoted on the queue alone would come back with the next reconciliation.
 */
export async function createQueueBoard(queue: JobQueue): Promise<QueueBoard> {
  const { BullMQAdapter } = await import('@bull-board/api/bullMQAdapter');
  return new BullMQAdapter(queue, {
    readOnlyMode: true,
    description: 'One entry per job; GET /jobs has them all',
  });
}
