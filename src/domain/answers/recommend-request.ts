import { type TSchema, Type } from 'typebox';
import { Id } from '../base/id.ts';
import { ModelName } from '../base/model-name.ts';
import { AnyTime } from '../base/timestamp.ts';
import { VersionInBody, VersionRef } from '../base/version-ref.ts';
import { InteractionType } from '../data/interaction.ts';

// Long because it lists everything that a request may say.

export const MAX_K = 1000;
const MAX_IDS = 1000;
const MAX_FILTER = 2000;

const FILTER_LANGUAGE =
  'Over item properties: `year >= 1990 and category in ["Drama", "Comedy"] and not title = "Heat"`. Names: itemId, title, category, label, anything else is a feature, with dots into nested ones and `odd names` in backticks. Operators: = != < <= > >=, in [...], in low..high (both included), and, or, not, ( ). A list equals a value that it contains; a missing property equals nothing.';

const Category = Type.String({ minLength: 1, maxLength: 256, examples: ['Drama'] });
const Task = Type.String({
  minLength: 1,
  maxLength: 64,
  description: 'One of the tasks the model was trained for.',
  examples: ['default'],
});
export const CatalogueField = Type.Enum(['title', 'categories', 'features']);

const k = Type.Integer({
  minimum: 1,
  maximum: MAX_K,
  default: 10,
  description: 'How many items.',
  examples: [10],
});
const filter = Type.String({
  minLength: 1,
  maxLength: MAX_FILTER,
  description: FILTER_LANGUAGE,
  examples: ['year >= 1990 and category in ["Drama", "Comedy"]'],
});
const includeSeen = Type.Boolean({
  default: false,
  description: 'Also items that the user has interacted with.',
  examples: [false],
});
const strict = Type.Boolean({
  default: false,
  description:
    'Nothing but the student and pins: 404 when the user is unknown, and a shorter list when the student has few items that fit.',
  examples: [false],
});
const fill = Type.Boolean({
  default: false,
  description:
    'Where fewer than k items fit category and filter, popular items that do not fit take the places that are left, each marked with the source `padding`. Hidden, unavailable and excluded items and those of hide rules are never among them. Not with strict, nor with scores=probability.',
  examples: [false],
});
const diversity = Type.Number({
  minimum: 0,
  maximum: 1,
  default: 0,
  description:
    'Maximal marginal relevance: 0 ranks by score alone, 1 by being unlike the items above it. Items are compared by their vectors.',
  examples: [0.3],
});
const explain = Type.Boolean({
  default: false,
  description: "With each item, which of the user's own items raised its score most.",
  examples: [true],
});

const scores = Type.Enum(['raw', 'probability'], {
  description:
    'What `score` is. raw, the default: what the model ranks by. probability: softmax of the raw scores, times a scale that was fitted on validation, over all items that could come into this answer (neither seen nor hidden, excluded, unavailable or against the filter; boosts count); over the whole list they sum to 1. It is the probability that the next item the user takes is this one, as far as it is one of these. It costs one look at every item: about a millisecond for 50,000. Answers from popularity stay raw, and no place is taken from there. 400 for models of ratings and for versions without a scale.',
  examples: ['probability'],
});

/** In a query, several values of one name: `?category=Drama&category=Comedy`. */
const many = <T extends TSchema>(one: T, description: string, example: string[], maxItems = 100) =>
  Type.Array(one, { maxItems, description, examples: [example] });

const lists = {
  exclude: many(
    Id,
    'Items to leave out; unknown ones are ignored. In a query, `exclude=a,b` leaves out the items a and b, and one whose id is `a,b`; in a body ids are taken as they are.',
    ['film-9'],
    MAX_IDS,
  ),
  category: many(Category, 'Only items of any of these categories.', ['Drama', 'Comedy']),
  seenTypes: many(
    InteractionType,
    'Only interactions of these types make an item seen; all of them still speak for the taste.',
    ['purchase'],
  ),
  fields: many(CatalogueField, 'What to show of each item from the catalogue; title without it.', [
    'title',
    'categories',
  ]),
};

const common = {
  k: Type.Optional(k),
  model: Type.Optional(ModelName),
  version: Type.Optional(VersionRef),
  task: Type.Optional(Task),
  exclude: Type.Optional(lists.exclude),
  category: Type.Optional(lists.category),
  filter: Type.Optional(filter),
  includeSeen: Type.Optional(includeSeen),
  seenTypes: Type.Optional(lists.seenTypes),
  diversity: Type.Optional(diversity),
  explain: Type.Optional(explain),
  fields: Type.Optional(lists.fields),
  scores: Type.Optional(scores),
  strict: Type.Optional(strict),
  fill: Type.Optional(fill),
  maxImpressions: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1000,
      description:
        'An item that was shown to the user so often within rotationDays, with no positive interaction since, is left out; pins are not. Impressions are those that `impressions` records and interactions of the type impression. 0 for no limit. By default that of the policy of the model, if it has one.',
      examples: [3],
    }),
  ),
  rotationDays: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 365,
      description:
        'Days in which impressions are counted for maxImpressions. By default those of the policy of the model, else 7.',
      examples: [7],
    }),
  ),
};

const commonInBody = { ...common, version: Type.Optional(VersionInBody) };

const impressions = Type.Optional(
  Type.Boolean({
    default: false,
    description:
      'Records an interaction of the type impression for each item of the answer, before the answer is given. It needs a userId, and a key with the scope ingest.',
    examples: [true],
  }),
);

const visitor = Type.Optional(
  Type.Unsafe<string>({
    ...Id,
    description:
      'An id that stays the same for a visitor who is not known as a user, such as that of a session: where the model has traffic it decides which variant answers. Nothing is stored under it.',
    examples: ['session-81'],
  }),
);

export const RecommendQuery = Type.Object({ ...common, impressions }, { additionalProperties: false });

export const SessionInteraction = Type.Object(
  {
    itemId: Id,
    type: Type.Optional(InteractionType),
    value: Type.Optional(
      Type.Number({ description: 'Strength; a rating must have one, by default from 1 to 5.' }),
    ),
    timestamp: Type.Optional(AnyTime),
  },
  { additionalProperties: false },
);

export const SessionBody = Type.Object(
  {
    ...commonInBody,
    impressions,
    userId: Type.Optional(Id),
    visitor,
    interactions: Type.Optional(
      Type.Array(SessionInteraction, {
        maxItems: 1000,
        description:
          'What the visitor did in this session, the newest last; nothing of it is stored. type is click where it is missing. With userId, the stored history counts too.',
      }),
    ),
    userFeatures: Type.Optional(
      Type.Record(Type.String(), Type.Unknown(), {
        description:
          'Read by models that were trained with features of users, in place of what is stored under the same names; ignored by others.',
      }),
    ),
  },
  { additionalProperties: false },
);

export const BatchBody = Type.Object(
  {
    ...commonInBody,
    users: Type.Array(Type.String({ 'x-id': true }), {
      minItems: 1,
      maxItems: MAX_IDS,
      examples: [['user-42', 'user-43']],
    }),
  },
  { additionalProperties: false },
);

export const SimilarQuery = Type.Object(
  {
    k: common.k,
    model: common.model,
    version: common.version,
    exclude: common.exclude,
    category: common.category,
    filter: common.filter,
    fields: common.fields,
    visitor: Type.Optional(
      Type.Unsafe<string>({
        ...Id,
        description:
          'Who is shown the answer: a user, or an id that stays the same for a visitor. Where the model has traffic it decides which variant answers.',
        examples: ['user-42'],
      }),
    ),
  },
  { additionalProperties: false },
);

export const SimilarUsersQuery = Type.Object(
  {
    k: Type.Optional({ ...k, maximum: 100, description: 'How many users.' }),
    model: common.model,
    version: common.version,
  },
  { additionalProperties: false },
);

/** The query of lists for everybody. */
export const ListQuery = Type.Object(
  {
    k: common.k,
    exclude: common.exclude,
    category: common.category,
    filter: common.filter,
    fields: common.fields,
  },
  { additionalProperties: false },
);

export const RankBody = Type.Object(
  {
    userId: Type.Optional(Id),
    visitor,
    interactions: SessionBody.properties.interactions,
    userFeatures: SessionBody.properties.userFeatures,
    items: Type.Array(Id, { minItems: 1, maxItems: MAX_IDS, examples: [['film-7', 'film-9']] }),
    model: common.model,
    version: commonInBody.version,
    task: common.task,
    fields: common.fields,
    scores: Type.Optional({
      ...scores,
      description:
        'What `score` is. raw, the default: what the model ranks by. probability: softmax of the scaled raw scores over all items of the model, as nothing is left out here; answers from popularity stay raw. 400 for models of ratings and for versions without a scale.',
    }),
  },
  { additionalProperties: false },
);
