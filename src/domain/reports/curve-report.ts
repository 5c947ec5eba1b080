import { type Static, Type } from 'typebox';
import { Numbers } from './measured.ts';

const CurvePoint = Type.Object({
  epoch: Type.Integer({ description: 'From 1.' }),
  seconds: Type.Number({ description: 'Time of training from the first epoch to the end of this one.' }),
  losses: { ...Numbers, description: 'Means over the epoch, by the names of the losses.' },
  metric: Type.Optional(
    Type.Number({ description: 'After the epoch, on a sample of the validation users.' }),
  ),
  learningRate: Type.Optional(Type.Number({ description: 'At the end of the epoch.' })),
});

export const CurveReport = Type.Object(
  {
    stage: Type.String({ examples: ['teacher', 'distillation', 'student-alone', 'refit'] }),
    model: Type.Optional(
      Type.String({
        description: 'The model, where the stage trains several: a candidate, a member, a control or a task.',
        examples: ['2 of 3'],
      }),
    ),
    metric: Type.Optional(
      Type.String({
        description:
          'Name of the metric of the points. It is taken on the validation part, with histories of training pairs alone. In the stage distillation it is a measurement only: no epoch is chosen by it, and since the student is taught on histories that hold the validation pairs, it also tells how well those are remembered.',
        examples: ['ndcg@10'],
      }),
    ),
    points: Type.Array(CurvePoint),
  },
  {
    description:
      'One training loop, epoch by epoch. A teacher in closed form has one point or none, and one that an earlier job trained has none.',
  },
);
export type CurveReport = Static<typeof CurveReport>;
