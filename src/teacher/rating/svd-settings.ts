import { type Static, Type } from 'typebox';
import type { OptionsOf } from '../../domain/teachers/single.ts';

const Positive = Type.Integer({ minimum: 1 });
const Rate = Type.Number({ exclusiveMinimum: 0 });

/** Settings of a teacher of ratings, as they are planned, shown in the report and read from a stored version. */
export const SvdSettings = Type.Object(
  {
    kind: Type.Literal('matrix-factorization'),
    objective: Type.Enum(['svd++', 'biased']),
    /** True for SVD++, where it also counts which items a user rated; false for biased matrix factorisation. */
    implicit: Type.Boolean(),
    dimensions: Positive,
    epochs: Positive,
    learningRate: Rate,
    /** Share of the rate that each epoch has of the one before. */
    decay: Rate,
    /** Strength of the regularization of the vectors. */
    regularization: Rate,
    /** Strength of the regularization of the biases. */
    biasRegularization: Rate,
  },
  { additionalProperties: false },
);
export type SvdSettings = Static<typeof SvdSettings>;

/** Fills in what the job leaves open; chosen on a tenth held out of the training part of one fold of MovieLens-100K. */
export function planSvd(options: OptionsOf<'matrix-factorization'>): SvdSettings {
  const objective = options.objective === 'biased' ? 'biased' : 'svd++';
  return {
    kind: 'matrix-factorization',
    objective,
    implicit: objective === 'svd++',
    dimensions: options.dimensions ?? 50,
    epochs: options.epochs ?? 100,
    learningRate: options.learningRate ?? 0.015,
    decay: 0.98,
    regularization: options.regularization ?? 0.1,
    biasRegularization: 0.005,
  };
}
