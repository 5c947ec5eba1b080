import { type Static, Type } from 'typebox';
import { EventDeclaration } from '../data/event-type.ts';
import { ContextField, ContextValue, MOST_CONTEXT_FIELDS } from '../data/interaction.ts';
import { ParquetSource } from './parquet-source.ts';
import { SplitSpec } from './split-spec.ts';

const strict = { additionalProperties: false } as const;
const Time = { maxLength: 64, examples: ['2026-02-01T00:00:00Z'] };
const Share = Type.Number({ exclusiveMinimum: 0, maximum: 1 });
const Least = Type.Integer({ minimum: 1, maximum: 1_000_000 });

export const DatasetSpec = Type.Object(
  {
    source: Type.Optional(ParquetSource),
    types: Type.Optional(
      Type.Record(
        Type.String(),
        Type.Object(
          {
            weight: Type.Optional(Type.Number({ minimum: 0, maximum: 1000 })),
            minValue: Type.Optional(Type.Number()),
          },
          strict,
        ),
        {
          description:
            'Interaction types that count as liking, with weight (1) and the least value; disliking stays what it is. Without it types count as they are declared, and of ratings those of 4 and 5, or all where none is 4 or more.',
          examples: [{ rating: { minValue: 4 }, click: { weight: 0.3 } }],
        },
      ),
    ),
    events: Type.Optional(
      Type.Record(Type.String({ maxLength: 64 }), EventDeclaration, {
        description:
          'What types mean to this model, in place of what the installation declares (PUT /event-types/{type}).',
        examples: [{ skip: { meaning: 'negative' } }],
      }),
    ),
    ratingScale: Type.Optional(
      Type.Object(
        { low: Type.Number(), high: Type.Number() },
        {
          ...strict,
          description:
            'Of the task rating: what ratings may be; others are refused. Without it from the least to the greatest that there is.',
          examples: [{ low: 1, high: 5 }],
        },
      ),
    ),
    halfLifeDays: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'Age at which an interaction counts half.' }),
    ),
    since: Type.Optional(
      Type.String({
        ...Time,
        description:
          'Only interactions from then on count, ISO-8601; those without a time do not. How live histories are weighed when they are served is not touched by it.',
      }),
    ),
    until: Type.Optional(
      Type.String({ ...Time, description: 'Only interactions before that count; otherwise as since.' }),
    ),
    context: Type.Optional(
      Type.Record(ContextField, Type.Array(ContextValue, { minItems: 1, maxItems: 100 }), {
        minProperties: 1,
        maxProperties: MOST_CONTEXT_FIELDS,
        description:
          'Only interactions count whose `context` has one of these values in each of these fields; those without the field do not. Values are compared with their type: "1" is not 1. Otherwise as since.',
        examples: [{ device: ['phone', 'tablet'] }],
      }),
    ),
    sample: Type.Optional(
      Type.Object(
        {
          users: Type.Optional(Share),
          items: Type.Optional(Share),
          seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295 })),
        },
        {
          ...strict,
          description:
            'Trains on a share of the users and items. Who is in it follows from the id and the seed (42) alone: new interactions change nothing about it, and a smaller share is part of a larger one.',
          examples: [{ users: 0.1 }],
        },
      ),
    ),
    minInteractions: Type.Optional(
      Type.Object(
        { perUser: Type.Optional(Least), perItem: Type.Optional(Least) },
        {
          ...strict,
          description:
            'Users with fewer different items and items with fewer different users are left out, over and over until all that are left have as many (the k-core). Counted over everything else that counts, before the split.',
          examples: [{ perUser: 5, perItem: 5 }],
        },
      ),
    ),
    split: Type.Optional(SplitSpec),
  },
  strict,
);
export type DatasetSpec = Static<typeof DatasetSpec>;
