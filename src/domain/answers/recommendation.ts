import { type Static, Type } from 'typebox';
import { Id } from '../base/id.ts';
import { ModelName } from '../base/model-name.ts';
import { ShortProblem } from '../base/problem.ts';

/** The part of the service that put an item into an answer. */
const SOURCES = ['student', 'popularity', 'latest', 'rules', 'padding'] as const;
export type ItemSource = (typeof SOURCES)[number];

/** Why an answer is not k items of the student. */
const REASONS = [
  'no-model',
  'no-usable-version',
  'unknown-user',
  'empty-session',
  'nothing-counts',
  'few-personal',
  'few-fit',
  'shown-often',
  'padded',
  'exhausted',
] as const;
export type ReasonCode = (typeof REASONS)[number];

export const FilterWarning = Type.Object(
  {
    code: Type.Enum(['unknown-category', 'unknown-field', 'other-type', 'unknown-type']),
    detail: Type.String(),
  },
  {
    description:
      'Something about category or filter that no item can fit, or a type in seenTypes that no interaction has.',
  },
);
export type FilterWarning = Static<typeof FilterWarning>;

const warnings = Type.Optional(
  Type.Array(FilterWarning, { description: 'What looks like a mistake in category, filter or seenTypes.' }),
);

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
    Type.Enum([...SOURCES], {
      description:
        'Where the answer is of mixed sources. latest: among the newest of the catalogue, as nobody has had to do with it. padding: it breaks category or filter, see `fill`.',
    }),
  ),
  title: Type.Optional(Type.String()),
  categories: Type.Optional(Type.Array(Type.String())),
  features: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
  because: Type.Optional(Type.Array(Because, { description: 'Strongest first.' })),
});
export type RecommendedItem = Static<typeof RecommendedItem>;

export const AnsweringModel = Type.Object({ name: ModelName, version: Type.Integer(), task: Type.String() });
const ModelOrNull = Type.Union([AnsweringModel, Type.Null()]);

export const Variant = Type.Object(
  {
    name: Type.String({
      description: 'stable, or the alias or version number of a variant.',
      examples: ['candidate'],
    }),
    experiment: Type.String(),
    standsInFor: Type.Optional(
      Type.String({ description: 'The variant that this user should get, and that could not be loaded.' }),
    ),
  },
  {
    description:
      'Which part of the traffic of the model the answer is from. Only where the model has traffic and no version is named.',
  },
);
export type Variant = Static<typeof Variant>;

export const Recommendation = Type.Object(
  {
    userId: Type.Union([Id, Type.Null()], { description: 'Null for a session without one.' }),
    items: Type.Array(RecommendedItem, { description: 'Best first.' }),
    source: Type.Enum([...SOURCES, 'mixed'], {
      description:
        'student: from the history and what is said of the user. popularity: nothing usable is known of this user. latest: nor is anything popular; the newest of the catalogue. rules: pinned. mixed: each item says its own.',
    }),
    reason: Type.Optional(Type.String({ description: 'Why the answer is not k items of the student.' })),
    reasonCode: Type.Optional(
      Type.Enum([...REASONS], {
        description:
          'The reason for programs. no-model, no-usable-version, unknown-user, empty-session, nothing-counts: the student could not be asked. few-personal: it has too few items that fit, popular or new ones that fit follow. few-fit: no more items fit. shown-often: more would fit, and were shown as often as maxImpressions allows. padded: the last items do not fit. exhausted: the pages before have shown all.',
      }),
    ),
    warnings,
    scores: Type.Optional(
      Type.Enum(['raw', 'probability'], {
        description:
          'What the scores are, where `scores` asked for probabilities: answers from popularity stay raw.',
      }),
    ),
    model: ModelOrNull,
    variant: Type.Optional(Variant),
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
  source: Type.Enum(['student', 'catalogue'], {
    description:
      'student: by the vectors of the model. catalogue: by title, categories, labels and features, as the model does not know the item, or there is none.',
  }),
  reason: Type.Optional(
    Type.String({ description: 'Why no model was asked, or why there are fewer than k items.' }),
  ),
  reasonCode: Type.Optional(Type.Enum(['no-model', 'no-usable-version', 'few-fit'])),
  warnings,
  model: ModelOrNull,
  variant: Type.Optional(Variant),
});
export type SimilarAnswer = Static<typeof SimilarAnswer>;

export const RankAnswer = Type.Object({
  userId: Type.Union([Id, Type.Null()]),
  items: Type.Array(RecommendedItem, { description: 'Best first.' }),
  unknown: Type.Array(Id, { description: 'Items of which nothing is known to rank them by, as they came.' }),
  leftOut: Type.Array(
    Type.Object({ itemId: Id, reason: Type.Enum(['unavailable', 'hidden-by-rule', 'disliked']) }),
    {
      description:
        'Items that may not be shown: hidden or not available now, hidden by a rule, or disliked by this user.',
    },
  ),
  source: Type.Enum(['student', 'popularity']),
  reason: Type.Optional(Type.String({ description: 'Why no model was asked.' })),
  reasonCode: Type.Optional(Type.Enum(['no-model', 'no-usable-version'])),
  scores: Recommendation.properties.scores,
  model: ModelOrNull,
  variant: Type.Optional(Variant),
  recommendationId: Type.String(),
});
export type RankAnswer = Static<typeof RankAnswer>;

const ListedItem = Type.Object({
  itemId: Id,
  score: Type.Optional(
    Type.Number({
      description:
        'popular: users who said something positive, each once, weighed and less the older it is. trending: how far the recent users are above the past ones.',
    }),
  ),
  users: Type.Optional(
    Type.Integer({ description: 'popular: users who said something positive, at any time.' }),
  ),
  recent: Type.Optional(Type.Integer({ description: 'trending: users of the last days.' })),
  past: Type.Optional(Type.Integer({ description: 'trending: users of the days before those.' })),
  since: Type.Optional(
    Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'latest: when it came, null where that is not known.',
    }),
  ),
  title: RecommendedItem.properties.title,
  categories: RecommendedItem.properties.categories,
  features: RecommendedItem.properties.features,
});
export type ListedItem = Static<typeof ListedItem>;

export const ItemList = Type.Object(
  {
    items: Type.Array(ListedItem, { description: 'Best first; those of latest the newest first.' }),
    reason: Type.Optional(Type.String({ description: 'Why there are fewer than k items.' })),
    reasonCode: Type.Optional(Type.Enum(['few-fit'])),
    warnings,
    computedAt: Type.Union([Type.String({ format: 'date-time' }), Type.Null()], {
      description: 'When the list was counted; null for latest, and before the first count.',
    }),
  },
  { description: 'A list for everybody.' },
);
export type ItemList = Static<typeof ItemList>;
