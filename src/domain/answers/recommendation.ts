import { type Static, Type } from 'typebox';
import { Id } from '../base/id.ts';
import { ModelName } from '../base/model-name.ts';
import { ShortProblem } from '../base/problem.ts';

/** The part of the service that put an item into an answer. */
export type ItemSource = 'student' | 'popularity' | 'rules';

const Because = Type.Object({
  itemId: Id,
  contribution: Type.Number({
    description: 'How much lower the score would be had the user never met this item.',
  }),
});

export const RecommendedItem = Type.Object({
  itemId: Id,
  score: Type.Number({
    description:
      'Comparable within one source of one answer; with scores=probability a probability, for pinned items from below the list 0.',
  }),
  source: Type.Optional(
    Type.Enum(['student', 'popularity', 'rules'], { description: 'Where the answer is of mixed sources.' }),
  ),
  title: Type.Optional(Type.String()),
  categories: Type.Optional(Type.Array(Type.String())),
  features: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  because: Type.Optional(Type.Array(Because, { description: 'Strongest first.' })),
});
export type RecommendedItem = Static<typeof RecommendedItem>;

export const AnsweringModel = Type.Object({ name: ModelName, version: Type.Integer(), task: Type.String() });
const ModelOrNull = Type.Union([AnsweringModel, Type.Null()]);

export const Recommendation = Type.Object(
  {
    userId: Type.Union([Id, Type.Null()], { description: 'Null for a session without one.' }),
    items: Type.Array(RecommendedItem, { description: 'Best first.' }),
    source: Type.Enum(['student', 'popularity', 'rules', 'mixed'], {
      description:
        'student: from the history and what is said of the user. popularity: nothing usable is known of this user. rules: pinned. mixed: each item says its own.',
    }),
    reason: Type.Optional(Type.String({ description: 'Why not all of the answer is from the student.' })),
    scores: Type.Optional(
      Type.Enum(['raw', 'probability'], {
        description:
          'What the scores are, where `scores` asked for probabilities: answers from popularity stay raw.',
      }),
    ),
    model: ModelOrNull,
    recommendationId: Type.String({
      description: 'Send it with the interactions that follow, so that click-through can be counted.',
    }),
  },
  { description: 'The items to show now.' },
);
export type Recommendation = Static<typeof Recommendation>;

export const BatchAnswer = Type.Object({
  results: Type.Array(
    Type.Union([
      Recommendation,
      Type.Object({
        userId: Type.String(),
        problem: ShortProblem,
      }),
    ]),
    { description: 'One per user, in the order of the request.' },
  ),
});

export const SimilarAnswer = Type.Object({
  itemId: Id,
  items: Type.Array(RecommendedItem, { description: 'Most similar first; score is the cosine.' }),
  model: ModelOrNull,
});
export type SimilarAnswer = Static<typeof SimilarAnswer>;

export const RankAnswer = Type.Object({
  userId: Type.Union([Id, Type.Null()]),
  items: Type.Array(RecommendedItem, { description: 'Best first.' }),
  unknown: Type.Array(Id, { description: 'Items that the model does not know, as they came.' }),
  source: Type.Enum(['student', 'popularity']),
  scores: Recommendation.properties.scores,
  model: ModelOrNull,
  recommendationId: Type.String(),
});
export type RankAnswer = Static<typeof RankAnswer>;
