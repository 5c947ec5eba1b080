import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;

export const LossSpec = Type.Object(
  {
    kind: Type.Enum(['softLabels', 'hardLabels']),
    weight: Type.Optional(Type.Number({ minimum: 0, maximum: 1000 })),
    temperature: Type.Optional(
      Type.Number({ exclusiveMinimum: 0, maximum: 1000, description: 'Of softLabels.' }),
    ),
  },
  strict,
);
export type LossSpec = Static<typeof LossSpec>;
