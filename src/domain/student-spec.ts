import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;

export const StudentSpec = Type.Object(
  {
    kind: Type.Enum(['fold-in']),
    dimensions: Type.Optional(Type.Integer({ minimum: 1, maximum: 1024, examples: [32] })),
    hidden: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1024,
        description: 'Width of a layer between the history and the user vector; without it there is none.',
      }),
    ),
    tied: Type.Optional(
      Type.Boolean({
        description: 'One item matrix for both sides: half the bytes, a little less accurate.',
      }),
    ),
    itemBias: Type.Optional(Type.Boolean({ description: 'Whether each item has a bias of its own.' })),
    normalization: Type.Optional(
      Type.Enum(['l2', 'sqrt', 'none'], {
        description: 'A history is divided by its length (l2), by the root of its sum (sqrt), or not at all.',
      }),
    ),
    activation: Type.Optional(
      Type.Enum(['identity', 'relu', 'tanh'], {
        description: 'Of the hidden layer, or of the user vector without one.',
      }),
    ),
    quantization: Type.Optional(
      Type.Enum(['int8', 'int4', 'pq'], {
        description:
          'Of the item matrices, with one scale per row: 8 bits or 4 bits a number, or product quantization (pq), one byte for several numbers.',
      }),
    ),
    quantizationAware: Type.Optional(
      Type.Boolean({ description: 'Whether the last epochs train with the rounding (int8 and int4).' }),
    ),
    codes: Type.Optional(
      Type.Integer({ minimum: 2, maximum: 256, description: 'Of pq: size of each codebook.' }),
    ),
    codeWidth: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 64, description: 'Of pq: numbers that share one code.' }),
    ),
  },
  strict,
);
export type StudentSpec = Static<typeof StudentSpec>;
