import { type Static, Type } from 'typebox';
import { Id } from '../base/id.ts';
import { ModelName } from '../base/model-name.ts';
import { ShortProblem } from '../base/problem.ts';
import { AnyTime } from '../base/timestamp.ts';
import { VersionInBody } from '../base/version-ref.ts';
import { InteractionType } from '../data/interaction.ts';

const MOST = 1000;
/** Users of an item that nobody has stored: the history of each is read. */
export const MOST_TAKERS = 100;

const strict = { additionalProperties: false } as const;
const Names = Type.Array(Type.String({ minLength: 1, maxLength: 256 }), { maxItems: 100 });

/** An item or a user that need not be stored. */
const Entity = Type.Object(
  {
    title: Type.Optional(Type.String({ maxLength: 1024 })),
    categories: Type.Optional(Names),
    labels: Type.Optional(Names),
    features: Type.Optional(Type.Record(Type.String(), Type.Unknown())),
    interactions: Type.Optional(
      Type.Array(
        Type.Object(
          {
            userId: Type.Optional(Id),
            itemId: Type.Optional(Id),
            type: Type.Optional(InteractionType),
            value: Type.Optional(Type.Number()),
            timestamp: Type.Optional(AnyTime),
          },
          strict,
        ),
        {
          maxItems: MOST,
          description: `Of a user the items, the newest last. Of an item the users who took it, at most ${MOST_TAKERS}, whose stored histories are read.`,
        },
      ),
    ),
  },
  { ...strict, description: 'An item or a user that is not stored.' },
);
export type UnseenEntity = Static<typeof Entity>;

export const LabelsBody = Type.Object(
  {
    model: Type.Optional(ModelName),
    version: Type.Optional(VersionInBody),
    items: Type.Optional(
      Type.Array(Id, { minItems: 1, maxItems: MOST, description: 'Of a model of items.' }),
    ),
    users: Type.Optional(
      Type.Array(Id, { minItems: 1, maxItems: MOST, description: 'Of a model of users.' }),
    ),
    entities: Type.Optional(Type.Array(Entity, { minItems: 1, maxItems: 100 })),
    k: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 10_000,
        default: 10,
        description: 'How many labels at most, the most probable first.',
      }),
    ),
  },
  {
    ...strict,
    description: 'items, users or entities: one of them.',
  },
);
export type LabelsBody = Static<typeof LabelsBody>;

const Predicted = Type.Object({
  id: Type.Union([Type.String(), Type.Null()], { description: 'Null for one that is not stored.' }),
  labels: Type.Optional(
    Type.Array(
      Type.Object({
        label: Type.String(),
        probability: Type.Number(),
        predicted: Type.Boolean({ description: "Whether the probability reaches the label's threshold." }),
      }),
      { description: 'The most probable first.' },
    ),
  ),
  source: Type.Optional(
    Type.Enum(['behaviour', 'features', 'both', 'frequency'], {
      description:
        'What was known of it. frequency: nothing that the model can read; how many have each label.',
    }),
  ),
  problem: Type.Optional(ShortProblem),
});
export type Predicted = Static<typeof Predicted>;

export const PredictedLabels = Type.Object(
  {
    model: Type.Object({ name: ModelName, version: Type.Integer() }),
    of: Type.Enum(['items', 'users']),
    results: Type.Array(Predicted, { description: 'One for each that was asked for, in order.' }),
  },
  { description: 'Labels with calibrated probabilities.' },
);
export type PredictedLabels = Static<typeof PredictedLabels>;
