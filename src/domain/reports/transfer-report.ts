import { type Static, Type } from 'typebox';

const TransferPoint = Type.Object({
  epoch: Type.Integer(),
  seconds: Type.Number({ description: 'Of training, from the first epoch on.' }),
  'ndcg@10': Type.Number(),
});
export type TransferPoint = Static<typeof TransferPoint>;

export const TransferReport = Type.Object(
  {
    from: Type.Object({
      model: Type.String(),
      version: Type.Integer(),
      part: Type.Enum(['teacher', 'student', 'renewed']),
    }),
    items: Type.Object(
      { known: Type.Integer(), alike: Type.Integer(), unknown: Type.Integer(), gone: Type.Integer() },
      {
        description:
          'Of the catalogue: items that the version knows; new ones that start as the mean of those like them in categories, labels and features; new ones without such; and items of the version that are gone.',
      },
    ),
    curves: Type.Object(
      { student: Type.Array(TransferPoint), 'student-alone': Type.Array(TransferPoint) },
      { description: 'NDCG@10 on the validation part after each epoch; empty without a validation part.' },
    ),
    atEqualEpochs: Type.Union(
      [
        Type.Object({ epochs: Type.Integer(), student: Type.Number(), 'student-alone': Type.Number() }),
        Type.Null(),
      ],
      { description: 'NDCG@10 on validation after as many epochs as both ran.' },
    ),
    reachedAlone: Type.Union(
      [
        Type.Object({
          epochs: Type.Integer(),
          seconds: Type.Number(),
          shareOfEpochs: Type.Number(),
          shareOfSeconds: Type.Number(),
        }),
        Type.Null(),
      ],
      {
        description:
          'When the student was first as good on validation as the same student from scratch was at its best, and as a share of what that took; null where it never was.',
      },
    ),
  },
  { description: 'What a version that was stored gave to its successor.' },
);
export type TransferReport = Static<typeof TransferReport>;
