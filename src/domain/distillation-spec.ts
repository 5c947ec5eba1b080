import { type Static, Type } from 'typebox';

/** Safe in paths and folder names on every system. */
export const ModelName = Type.String({
  pattern: '^[a-z0-9][a-z0-9._-]{0,63}$',
  description: 'Lower-case letters, digits, dot, underscore and hyphen; 1-64 of them.',
  examples: ['movies'],
});

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

const Epochs = Type.Integer({ minimum: 1, maximum: 10_000 });
const BatchSize = Type.Integer({ minimum: 1, maximum: 65_536 });
const LearningRate = Type.Number({ exclusiveMinimum: 0, maximum: 10 });

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

export const StudentSpec = Type.Object(
  {
    kind: Type.Enum(['fold-in']),
    dimensions: Type.Optional(Type.Integer({ minimum: 1, maximum: 1024, examples: [32] })),
    quantization: Type.Optional(Type.Enum(['int8'])),
  },
  strict,
);
export type StudentSpec = Static<typeof StudentSpec>;

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

export const DistillationSpec = Type.Object(
  {
    type: Type.Optional(Type.Literal('distillation')),
    model: ModelName,
    dataset: Type.Optional(DatasetSpec),
    teacher: Type.Optional(TeacherSpec),
    student: Type.Optional(StudentSpec),
    distillation: Type.Optional(
      Type.Object(
        {
          losses: Type.Optional(Type.Array(LossSpec, { minItems: 1, maxItems: 8 })),
          transfer: Type.Optional(
            Type.Enum(['svd', 'none'], {
              description:
                "How the student starts: from the truncated SVD of the teacher's item matrices, or from random numbers.",
            }),
          ),
          epochs: Type.Optional(Epochs),
          batchSize: Type.Optional(BatchSize),
          learningRate: Type.Optional(LearningRate),
          seed: Type.Optional(Type.Integer({ minimum: 0, maximum: 4_294_967_295 })),
        },
        strict,
      ),
    ),
    evaluation: Type.Optional(
      Type.Object(
        {
          k: Type.Optional(
            Type.Array(Type.Integer({ minimum: 1, maximum: 1000 }), {
              minItems: 1,
              maxItems: 10,
              examples: [[10, 20]],
            }),
          ),
          refit: Type.Optional(
            Type.Boolean({ description: 'After the report, train once more on all data.' }),
          ),
        },
        strict,
      ),
    ),
    publish: Type.Optional(Type.Object({ alias: Type.Optional(ModelName) }, strict)),
  },
  {
    additionalProperties: false,
    description: 'Everything but model has a default that fits the data.',
    examples: [
      { model: 'movies' },
      {
        model: 'movies',
        teacher: { kind: 'softmax', hidden: [600] },
        student: { kind: 'fold-in', dimensions: 32, quantization: 'int8' },
        distillation: {
          losses: [
            { kind: 'softLabels', weight: 1, temperature: 2 },
            { kind: 'hardLabels', weight: 0.5 },
          ],
          transfer: 'svd',
          seed: 42,
        },
      },
    ],
  },
);
export type DistillationSpec = Static<typeof DistillationSpec>;

export const DEFAULT_ALIAS = 'stable';
