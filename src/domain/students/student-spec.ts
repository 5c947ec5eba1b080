import { type Static, Type } from 'typebox';

const strict = { additionalProperties: false } as const;

export const StudentSpec = Type.Object(
  {
    kind: Type.Enum(['fold-in', 'sequential'], {
      description:
        'fold-in: the user is a weighed sum of the vectors of their items. sequential, of the task sequential: one block of self-attention reads the newest items in order.',
    }),
    dimensions: Type.Optional(Type.Integer({ minimum: 1, maximum: 1024, examples: [32] })),
    hidden: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1024,
        description: 'Width of a layer between the history and the user vector; without it there is none.',
      }),
    ),
    recency: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1,
        description:
          'Of fold-in in the task sequential: each item weighs so much of what it would if it were one place newer; 1 forgets the order.',
      }),
    ),
    maxLength: Type.Optional(
      Type.Integer({ minimum: 1, maximum: 500, description: 'Of sequential: newest items that are read.' }),
    ),
    heads: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 16,
        description: 'Of sequential: dimensions is a multiple of it.',
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
