import { type Static, Type } from 'typebox';

/** A ratio over test users with its bootstrap interval (95 %, percentile method, users resampled). */
export const Measured = Type.Object({
  value: Type.Number(),
  low: Type.Number(),
  high: Type.Number(),
});
export type Measured = Static<typeof Measured>;

const Numbers = Type.Record(Type.String(), Type.Number());

export const RankerReport = Type.Object(
  {
    name: Type.Enum(['teacher', 'student', 'student-alone', 'popularity']),
    description: Type.String({ examples: ['softmax 600, relu'] }),
    loss: Type.Union([Type.Number(), Type.Null()], {
      description: 'Mean cross-entropy of the test items under the softmax over all items, in nats.',
    }),
    metrics: Type.Record(Type.String(), Measured, {
      description: 'accuracy (the first item is a test item), recall@k, ndcg@k, hr@k, mrr@k.',
    }),
    coverage: Numbers,
    fidelity: Type.Union([Type.Record(Type.String(), Measured), Type.Null()], {
      description:
        'overlap@k with the teacher, KL divergence from the teacher at temperature 1; null for the teacher.',
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

export const Report = Type.Object(
  {
    model: Type.String(),
    createdAt: Type.String({ format: 'date-time' }),
    rankers: Type.Array(RankerReport),
    comparison: Type.Object({
      compressionRatio: Type.Number({ description: "Teacher's bytes by the student's." }),
      retained: Type.Record(Type.String(), Measured, {
        description: "Student's metric as a share of the teacher's, paired bootstrap.",
      }),
      gainOverAlone: Type.Record(Type.String(), Measured, {
        description: 'Student minus the same student without a teacher, paired bootstrap.',
      }),
      gainOverPopularity: Type.Record(Type.String(), Measured, {
        description: "Student's metric by popularity's, minus 1.",
      }),
    }),
    data: Type.Object({
      users: Type.Integer(),
      items: Type.Integer(),
      interactions: Type.Integer(),
      train: Type.Integer(),
      validation: Type.Integer(),
      test: Type.Integer(),
      testUsers: Type.Integer({
        description: 'Users with at least one test item: those that were evaluated.',
      }),
      split: Type.String(),
      hash: Type.String({ description: 'SHA-256 of the interactions used, whatever their order.' }),
    }),
    settings: Type.Record(Type.String(), Type.Unknown()),
    seed: Type.Integer(),
    backend: Type.Record(Type.String(), Type.Unknown()),
    codeVersion: Type.String(),
    seconds: Numbers,
    warnings: Type.Array(Type.String()),
  },
  {
    description: 'The fidelity report: teacher, student, the same student without a teacher, and popularity.',
  },
);
export type Report = Static<typeof Report>;
