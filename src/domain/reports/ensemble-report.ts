import { type Static, Type } from 'typebox';
import { MeasuredByName, Numbers, orNull } from './measured.ts';

export const TeacherCoverage = Type.Object(
  {
    users: Type.Integer({ description: 'Users that count in the data.' }),
    usersWithList: Type.Integer(),
    items: Type.Integer({ description: 'Items that count in the data.' }),
    itemsOnLists: Type.Integer(),
    unknownUsers: Type.Integer({ description: 'Users of the lists that the data does not have.' }),
    unknownItems: Type.Integer(),
    testUsersWithList: Type.Optional(
      Type.Integer({
        description: "The teacher's metrics, and what is retained of it, are over these.",
      }),
    ),
  },
  { description: 'Of an external teacher only: whom and what it covers.' },
);

export const EnsembleReport = Type.Object(
  {
    combine: Type.String({ examples: ['rank-fusion'] }),
    weights: Type.Enum(['given', 'validation']),
    validation: orNull(Numbers, {
      description:
        'NDCG@10 of the ensemble on the validation part, by which weights are chosen; null where it was not measured.',
    }),
    members: Type.Array(
      Type.Object({
        kind: Type.String(),
        description: Type.String(),
        share: Type.Number({ description: 'Of the weight of all members; they sum to 1.' }),
        lossWithoutIt: orNull(Type.Number(), {
          description:
            'What the NDCG@10 on validation loses when this member is left out: below 0 it does harm. null without a validation part, where nothing is left, and where the members were not named by the job.',
        }),
        metrics: { ...MeasuredByName, description: 'Its own, on the test pairs.' },
        agreement: orNull(MeasuredByName, {
          description: 'With the ensemble, on the test users: overlap@k, rbo and tau as of a student.',
        }),
        parameters: Type.Integer(),
        bytes: Type.Integer(),
        coverage: Type.Optional(TeacherCoverage),
      }),
    ),
    curriculum: Type.Optional(
      Type.Object(
        {
          stops: Type.Array(Type.Array(Type.Integer()), {
            description:
              'For each member with a share the epochs of its training whose knowledge was taught.',
          }),
          moves: Type.Array(Type.Object({ epoch: Type.Integer(), reached: Type.Array(Type.Number()) }), {
            description:
              "After epochs of the student's: for each of these members where the users are among its stops, 0 the first, 1 the last, in the mean.",
          }),
        },
        { description: 'How the student went from what is easy to what is hard.' },
      ),
    ),
  },
  { description: 'Of a teacher that is several: what each of them gives.' },
);
export type EnsembleReport = Static<typeof EnsembleReport>;
