import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;

export const StudentSpec = Type.Object(
  {
    kind: Type.Enum(['fold-in']),
    dimensions: Type.Optional(Type.Integer({ minimum: 1, maximum: 1024, examples: [32] })),
    quantization: Type.Optional(Type.Enum(['int8'])),
  },
  strict,
);
export type StudentSpec = Static<typeof StudentSpec>;
