import { Type } from 'typebox';

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
  workers: Type.Array(
    Type.Object({
      id: Type.String(),
      host: Type.String(),
      concurrency: Type.Integer(),
      backend: orNull(Type.String({ examples: ['gpu'] })),
      device: orNull(Type.String({ examples: ['NVIDIA H200'] })),
      memoryMiB: orNull(Type.Integer()),
      jobs: Type.Array(Type.String(), { description: 'What it runs now.' }),
      seenAt: Type.String({ format: 'date-time' }),
    }),
  ),
});
