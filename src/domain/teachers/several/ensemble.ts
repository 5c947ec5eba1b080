import { type Static, type TObject, Type } from 'typebox';
import { oneOfKinds } from '../../base/one-of-kinds.ts';
import { defineTeacher } from '../kind.ts';
import { IMPLIED, SINGLE_KINDS, type SingleSpec, schemaOf } from '../single.ts';

export const COMBINE_KINDS = ['average', 'distributions', 'rank-fusion', 'curriculum'] as const;
export type CombineKind = (typeof COMBINE_KINDS)[number];

/** Options of one way of combining alone. */
export const COMBINE_OPTIONS = [
  { option: 'temperature', by: ['distributions'] },
  { option: 'constant', by: ['rank-fusion', 'curriculum'] },
] as const satisfies { option: string; by: readonly CombineKind[] }[];

const weight = {
  weight: Type.Optional(
    Type.Number({
      maximum: 1000,
      description: 'Its share of the ensemble, beside those of the others; 1 if not given.',
    }),
  ),
};

/** One teacher of several. */
export type MemberSpec = SingleSpec & Static<TObject<typeof weight>>;
const MemberSchema = oneOfKinds<MemberSpec>(
  'kind',
  SINGLE_KINDS.map((kind) => schemaOf(kind, weight, 'Member')),
  'One teacher of an ensemble.',
  {
    implied: IMPLIED,
    hint: 'auto and ensemble are several teachers by themselves, and a member is a single one',
  },
);

export const ensemble = defineTeacher({
  kind: 'ensemble',
  origin: 'several',
  says: 'Several teachers at once, its members.',
  task: 'single-label',
  scores: 'scores',
  layers: false,
  inEpochs: false,
  options: {
    members: Type.Array(MemberSchema, { maxItems: 8, description: 'Two to eight teachers.' }),
    combine: Type.Optional(
      Type.Enum([...COMBINE_KINDS], {
        description:
          "average (default): the weighted mean of the members' scores, standardized for each user. distributions: the weighted mean of their softmax over the items that the user does not have. rank-fusion: the weighted sum of 1 / (constant + rank). curriculum: rank-fusion of what the members knew on their way to what they know, easy to hard, as far as the student follows.",
      }),
    ),
    weights: Type.Optional(
      Type.Enum(['given', 'validation'], {
        description:
          "given (default): the members' weights. validation: chosen for the best NDCG@10 on the validation part.",
      }),
    ),
    temperature: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        maximum: 100,
        description: 'Of combine distributions: of the softmax over standardized scores; default 1.',
      }),
    ),
    constant: Type.Optional(
      Type.Number({
        minimum: 0,
        maximum: 10_000,
        description:
          'Of combine rank-fusion or curriculum: how little the first places count above the next; default 60.',
      }),
    ),
  },
});
