import { Type } from 'typebox';

export const COMBINE_KINDS = ['average', 'distributions', 'rank-fusion', 'curriculum'] as const;
export type CombineKind = (typeof COMBINE_KINDS)[number];

export const ENSEMBLE_OPTIONS = ['members', 'combine', 'weights', 'temperature', 'constant'] as const;

/** Options of one way of combining alone. */
export const COMBINE_OPTIONS = [
  { option: 'temperature', by: ['distributions'] },
  { option: 'constant', by: ['rank-fusion', 'curriculum'] },
] as const satisfies { option: (typeof ENSEMBLE_OPTIONS)[number]; by: readonly CombineKind[] }[];

/** What an ensemble of teachers says beside its members. */
export const ensembleFields = {
  combine: Type.Optional(
    Type.Enum([...COMBINE_KINDS], {
      description:
        "Of ensemble. average (default): the weighted mean of the members' scores, standardized for each user. distributions: the weighted mean of their softmax over the items that the user does not have. rank-fusion: the weighted sum of 1 / (constant + rank). curriculum: rank-fusion of what the members knew on their way to what they know, easy to hard, as far as the student follows.",
    }),
  ),
  weights: Type.Optional(
    Type.Enum(['given', 'validation'], {
      description:
        "Of ensemble. given (default): the members' weights. validation: chosen for the best NDCG@10 on the validation part.",
    }),
  ),
  temperature: Type.Optional(
    Type.Number({
      exclusiveMinimum: 0,
      maximum: 100,
      description: 'Of ensemble with distributions: of the softmax over standardized scores; default 1.',
    }),
  ),
  constant: Type.Optional(
    Type.Number({
      minimum: 0,
      maximum: 10_000,
      description:
        'Of ensemble with rank-fusion or curriculum: how little the first places count above the next; default 60.',
    }),
  ),
};
