import { type Static, Type } from 'typebox';
import { BatchSize, Epochs, LearningRate } from './fit-spec.ts';

const strict = { additionalProperties: false } as const;

export const TeacherSpec = Type.Object(
  {
    kind: Type.Enum(['softmax']),
    hidden: Type.Optional(
      Type.Array(Type.Integer({ minimum: 1, maximum: 16_384 }), {
        minItems: 1,
        maxItems: 8,
        examples: [[600]],
      }),
    ),
    epochs: Type.Optional(Epochs),
    batchSize: Type.Optional(BatchSize),
    learningRate: Type.Optional(LearningRate),
    dropout: Type.Optional(
      Type.Number({ minimum: 0, maximum: 0.95, description: 'Share of the history hidden at each step.' }),
    ),
    weightDecay: Type.Optional(Type.Number({ minimum: 0, maximum: 1 })),
  },
  strict,
);
export type TeacherSpec = Static<typeof TeacherSpec>;
