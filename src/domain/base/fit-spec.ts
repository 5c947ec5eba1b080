import { Type } from 'typebox';

/** Settings of every training loop. */
export const Epochs = Type.Integer({ minimum: 1, maximum: 10_000 });
export const BatchSize = Type.Integer({ minimum: 1, maximum: 65_536 });
export const LearningRate = Type.Number({ exclusiveMinimum: 0, maximum: 10 });
