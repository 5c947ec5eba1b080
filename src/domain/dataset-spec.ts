import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;

export const DatasetSpec = Type.Object(
  {
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
            'Interaction types that count, with weight (1) and the least value. Without it every type counts 1, and of ratings those of 4 and 5.',
          examples: [{ rating: { minValue: 4 }, click: { weight: 0.3 } }],
        },
      ),
    ),
    halfLifeDays: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, description: 'Age at which an interaction counts half.' }),
    ),
    split: Type.Optional(
      Type.Object(
        {
          strategy: Type.Enum(['last-fraction', 'leave-last-out'], {
            description:
              "last-fraction: each user's newest interactions are the test set, the newest of the rest validation. leave-last-out: the newest is test, the one before validation.",
          }),
          testFraction: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 0.5 })),
          validationFraction: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 0.5 })),
        },
        strict,
      ),
    ),
  },
  strict,
);
export type DatasetSpec = Static<typeof DatasetSpec>;
