import { type Static, Type } from 'typebox';
import { Id } from '../base/id.ts';
import { AnsweringModel } from './recommendation.ts';

export const SimilarUsersAnswer = Type.Object(
  {
    userId: Id,
    users: Type.Array(
      Type.Object({ userId: Id, score: Type.Number({ description: 'The cosine, -1 to 1.' }) }),
      {
        description: 'Most similar first.',
      },
    ),
    reason: Type.Optional(Type.String({ description: 'Why there are fewer than k users.' })),
    reasonCode: Type.Optional(Type.Enum(['few-fit', 'nothing-counts'])),
    searched: Type.Union(
      [
        Type.Object({
          users: Type.Integer({ description: 'Users whose vectors were compared.' }),
          of: Type.Integer({ description: 'Users there are.' }),
          at: Type.String({ format: 'date-time', description: 'When their vectors were computed.' }),
        }),
        Type.Null(),
      ],
      { description: 'Who was looked through; null where the user has no vector.' },
    ),
    model: AnsweringModel,
  },
  { description: 'Users with a taste like that of a user.' },
);
export type SimilarUsersAnswer = Static<typeof SimilarUsersAnswer>;
