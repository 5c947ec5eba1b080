import { type Static, Type } from 'typebox';
import { SplitSpec } from './split-spec.ts';

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
    split: Type.Optional(SplitSpec),
  },
  strict,
);
export type DatasetSpec = Static<typeof DatasetSpec>;
