import { Type } from 'typebox';
import { LANES } from './lane.ts';
import { WorkerLanes } from './worker.ts';

const Count = Type.Integer({ minimum: 0 });
const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);

export const QueueView = Type.Object({
  available: Type.Boolean({ description: 'Whether the queue takes jobs now.' }),
  jobs: Type.Object(
    {
      queued: Count,
      running: Count,
      cancelling: Count,
      succeeded: Count,
      failed: Count,
      cancelled: Count,
    },
    { description: 'By state, all there ever were.' },
  ),
  delayed: Type.Integer({ description: 'Of the queued ones those that wait for their notBefore.' }),
  oldestWaiting: orNull(
    Type.Object(
      {
        id: Type.String(),
        model: orNull(Type.String()),
        createdAt: Type.String({ format: 'date-time' }),
        waitedSeconds: Type.Number(),
      },
      { description: 'Of those that could run now.' },
    ),
  ),
  lanes: Type.Array(
    Type.Object({
      lane: Type.Enum([...LANES]),
      queued: Type.Integer({ description: 'With those that wait for their notBefore.' }),
      delayed: Count,
      running: Count,
      oldestWaitedSeconds: orNull(Type.Number({ description: 'Null where nobody waits.' })),
      workers: Type.Integer({ description: 'Workers that take it.' }),
      concurrency: Type.Integer({ description: 'Jobs at a time of all its workers together.' }),
    }),
    {
      description:
        'Imports, trainings and upkeep (maintenance), which hold up nothing of each other. Upkeep has no jobs.',
    },
  ),
  workers: Type.Array(
    Type.Object({
      id: Type.String(),
      host: Type.String(),
      concurrency: Type.Integer({ description: 'Of all its lanes together.' }),
      lanes: WorkerLanes,
      backend: orNull(Type.String({ examples: ['gpu'] })),
      device: orNull(Type.String({ examples: ['NVIDIA H200'] })),
      memoryMiB: orNull(Type.Integer()),
      jobs: Type.Array(Type.String(), { description: 'What it runs now.' }),
      seenAt: Type.String({ format: 'date-time' }),
    }),
  ),
});
