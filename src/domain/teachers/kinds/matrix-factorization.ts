import { Type } from 'typebox';
import { defineTeacher } from '../kind.ts';
import { Dimensions, fitOptions } from '../options.ts';

export const matrixFactorization = defineTeacher({
  kind: 'matrix-factorization',
  origin: 'trained',
  says: 'iALS or BPR; of the task rating SVD++, or biased factors without the implicit part.',
  task: 'single-label',
  scores: 'scores',
  layers: true,
  inEpochs: false,
  options: {
    objective: Type.Optional(
      Type.Enum(['ials', 'bpr', 'svd++', 'biased'], {
        description: 'ials (default) or bpr; of the task rating svd++ (the default there) or biased.',
      }),
    ),
    dimensions: Dimensions,
    regularization: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 1000 })),
    unobservedWeight: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 1000,
        description: 'Of objective ials: weight of a pair that was not observed.',
      }),
    ),
    negatives: Type.Optional(
      Type.Integer({
        minimum: 1,
        maximum: 1000,
        description: 'Of objective bpr: pairs of items drawn for each user of a step.',
      }),
    ),
    ...fitOptions,
  },
  variants: {
    by: 'objective',
    of: {
      ials: { has: ['unobservedWeight'] },
      bpr: { has: ['negatives', 'batchSize', 'learningRate', 'dropout'], inEpochs: true },
      'svd++': { has: ['learningRate'], task: 'rating' },
      biased: { has: ['learningRate'], task: 'rating' },
    },
  },
  auto: 2,
});
