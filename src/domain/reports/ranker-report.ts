import { type Static, Type } from 'typebox';
import { Measured, Numbers } from './measured.ts';

export const RankerReport = Type.Object(
  {
    name: Type.Enum(
      [
        'teacher',
        'student',
        'student-float32',
        'student-alone',
        'best-alone',
        'previous',
        'single-task',
        'popularity',
      ],
      {
        description:
          'student-float32: the student before its item matrices were rounded. student-alone: the same student without a teacher, from random numbers. best-alone: the best small model without a teacher, at most at the bytes of the student; its description says which. All controls learn from the pairs that the student learned from. previous: the student of the version that taught, as it is served, where a stored version did; items that it does not know come last. single-task: of a job with tasks, a student of the same kind that learned one of them only.',
      },
    ),
    description: Type.String({ examples: ['softmax 600, relu'] }),
    loss: Type.Union([Type.Number(), Type.Null()], {
      description: 'Mean cross-entropy of the test items under the softmax over all items, in nats.',
    }),
    metrics: Type.Record(Type.String(), Measured, {
      description: 'accuracy (the first item is a test item), recall@k, precision@k, ndcg@k, hr@k, mrr@k.',
    }),
    coverage: Type.Record(Type.String(), Type.Number(), {
      description: "coverage@k: share of the catalogue that is in some user's first k.",
    }),
    popularityBias: Type.Record(Type.String(), Type.Number(), {
      description:
        'averagePopularity@k: mean training weight of what is shown. headShare@k: share of the places that go to the most popular items, which carry a third of the training interactions. gini@k: how unequally often items are shown, 0 to 1.',
    }),
    fidelity: Type.Union([Type.Record(Type.String(), Measured), Type.Null()], {
      description:
        "Against the teacher: overlap@k, rbo (rank-biased overlap, p = .9), tau (Kendall's tau of the order that the scores give to the teacher's first items, at most 50), kl (divergence at temperature 1); null for the teacher.",
    }),
    parameters: Type.Integer(),
    bytes: Type.Integer(),
    p50Microseconds: Type.Number({
      description: 'Median time of one recommendation, measured on this machine.',
    }),
    p99Microseconds: Type.Number(),
    segments: Type.Array(
      Type.Object({
        segment: Type.String({ examples: ['items:head', 'history:1-10'] }),
        users: Type.Integer(),
        metrics: Numbers,
      }),
    ),
  },
  { description: 'One ranking of all items, on the held-out interactions.' },
);
export type RankerReport = Static<typeof RankerReport>;
