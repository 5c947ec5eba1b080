import { type Static, Type } from 'typebox';
import { Id } from './id.ts';
import { ModelName } from './model-name.ts';

const MAX_K = 1000;

export const RecommendQuery = Type.Object(
  {
    k: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: MAX_K,
        default: 10,
        description: 'How many items.',
        examples: [10],
      }),
    ),
    model: Type.Optional(ModelName),
    includeSeen: Type.Optional(
      Type.Boolean({ default: false, description: 'Also items that the user has interacted with.' }),
    ),
    strict: Type.Optional(
      Type.Boolean({ default: false, description: '404 instead of popular items when the user is unknown.' }),
    ),
  },
  { additionalProperties: false },
);
export type RecommendQuery = Static<typeof RecommendQuery>;

export const RecommendedItem = Type.Object({
  itemId: Id,
  score: Type.Number(),
  title: Type.Optional(Type.String()),
});
export type RecommendedItem = Static<typeof RecommendedItem>;

export const Recommendation = Type.Object(
  {
    userId: Id,
    items: Type.Array(RecommendedItem, { description: 'Best first.' }),
    source: Type.Enum(['student', 'popularity'], {
      description: 'student: from the live history. popularity: nothing usable is known of this user.',
    }),
    reason: Type.Optional(Type.String({ description: 'Why the answer is not from the student.' })),
    model: Type.Union([
      Type.Object({ name: ModelName, version: Type.Integer(), task: Type.String() }),
      Type.Null(),
    ]),
    recommendationId: Type.String(),
  },
  { description: 'The items to show to this user now.' },
);
export type Recommendation = Static<typeof Recommendation>;
