import { Type } from 'typebox';
import { BatchSize, Epochs, LearningRate } from '../base/fit-spec.ts';

/** Options that several kinds share. */
export const Widths = (description: string) =>
  Type.Optional(
    Type.Array(Type.Integer({ minimum: 1, maximum: 16_384 }), {
      maxItems: 8,
      examples: [[600]],
      description,
    }),
  );

export const Dimensions = Type.Optional(
  Type.Integer({ minimum: 1, maximum: 1024, description: 'Width of the vectors.' }),
);

export const WeightDecay = Type.Optional(Type.Number({ minimum: 0, maximum: 1 }));

const Dropout = (description: string) =>
  Type.Optional(Type.Number({ minimum: 0, maximum: 0.95, description }));

/** Options of every network that is trained in epochs. */
export const fitOptions = {
  epochs: Type.Optional(Epochs),
  batchSize: Type.Optional(BatchSize),
  learningRate: Type.Optional(LearningRate),
  dropout: Dropout('Share of the history hidden at each step.'),
};

/** Options of teachers that read the order of the history. */
export const sequenceOptions = {
  dimensions: Dimensions,
  maxLength: Type.Optional(
    Type.Integer({
      minimum: 1,
      maximum: 500,
      description: 'Only so many of the newest items of a history are looked at.',
    }),
  ),
  itemDropout: Dropout('Share of the items of a history left out of it at each step.'),
  samples: Type.Optional(
    Type.Integer({
      minimum: 0,
      maximum: 1_000_000,
      description: 'Items drawn at each step to stand for the catalogue in the softmax; 0 for all of it.',
    }),
  ),
  weightDecay: WeightDecay,
  ...fitOptions,
  dropout: Dropout('Share of the units switched off at each step.'),
};
