import { type Static, Type } from 'typebox';
import { ModelName } from '../base/model-name.ts';
import { InteractionType } from '../data/interaction.ts';

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(schema: T) =>
  Type.Union([schema, Type.Null()]);

const seenTypes = Type.Array(InteractionType, { minItems: 1, maxItems: 100, examples: [['purchase']] });
const maxImpressions = Type.Integer({ minimum: 1, maximum: 1000, examples: [3] });
const rotationDays = Type.Integer({ minimum: 1, maximum: 365, examples: [7] });

/** Rules for all answers of a model, unless a request says otherwise. */
export const NewServingPolicy = Type.Object(
  {
    seenTypes: Type.Optional({
      ...seenTypes,
      description:
        'Only interactions of these types hide an item from later lists, such as purchases and not clicks. Without it, what the types’ declarations say.',
    }),
    maxImpressions: Type.Optional({
      ...maxImpressions,
      description:
        'An item that was shown to the user so often within rotationDays, with no positive interaction since, is left out.',
    }),
    rotationDays: Type.Optional({
      ...rotationDays,
      description: 'Days in which impressions are counted; 7 where it is missing. It needs maxImpressions.',
    }),
  },
  { additionalProperties: false },
);
export type NewServingPolicy = Static<typeof NewServingPolicy>;

export const ServingPolicy = Type.Object(
  {
    model: ModelName,
    seenTypes: orNull(seenTypes),
    maxImpressions: orNull(maxImpressions),
    rotationDays: orNull(rotationDays),
    updatedAt: orNull(Type.String({ format: 'date-time' })),
    warnings: Type.Optional(Type.Array(Type.String(), { description: 'In the answer to PUT alone.' })),
  },
  { description: 'What holds for all answers of a model; null where nothing is said.' },
);
export type ServingPolicy = Static<typeof ServingPolicy>;

export interface StoredPolicy extends NewServingPolicy {
  model: string;
  /** Milliseconds. */
  updatedAt: number;
}

/** Days in which impressions are counted where nobody says it. */
export const ROTATION_DAYS = 7;
