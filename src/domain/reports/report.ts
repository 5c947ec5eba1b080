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
    name: Type.Enum(
      ['teacher', 'student', 'student-float32', 'student-alone', 'previous', 'single-task', 'popularity'],
      {
        description:
          'student-float32: the student before its item matrices were rounded. student-alone: the same student without a teacher, from random numbers. previous: the student of the version that taught, as it is served, where a stored version did; items that it does not know come last. single-task: of a job with tasks, a student of the same kind that learned one of them only.',
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

const CurvePoint = Type.Object({
  epoch: Type.Integer(),
  seconds: Type.Number({ description: 'Of training, from the first epoch on.' }),
  'ndcg@10': Type.Number(),
});
export type CurvePoint = Static<typeof CurvePoint>;

export const TransferReport = Type.Object(
  {
    from: Type.Object({
      model: Type.String(),
      version: Type.Integer(),
      part: Type.Enum(['teacher', 'student']),
    }),
    items: Type.Object(
      { known: Type.Integer(), alike: Type.Integer(), unknown: Type.Integer(), gone: Type.Integer() },
      {
        description:
          'Of the catalogue: items that the version knows; new ones that start as the mean of those like them in categories, labels and features; new ones without such; and items of the version that are gone.',
      },
    ),
    curves: Type.Object(
      { student: Type.Array(CurvePoint), 'student-alone': Type.Array(CurvePoint) },
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

const TeacherCoverage = Type.Object(
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
    validation: Type.Union([Numbers, Type.Null()], {
      description:
        'NDCG@10 of the ensemble on the validation part, by which weights are chosen; null where it was not measured.',
    }),
    members: Type.Array(
      Type.Object({
        kind: Type.String(),
        description: Type.String(),
        share: Type.Number({ description: 'Of the weight of all members; they sum to 1.' }),
        lossWithoutIt: Type.Union([Type.Number(), Type.Null()], {
          description:
            'What the NDCG@10 on validation loses when this member is left out: below 0 it does harm. null without a validation part, where nothing is left, and where the members were not named by the job.',
        }),
        metrics: Type.Record(Type.String(), Measured, { description: 'Its own, on the test pairs.' }),
        agreement: Type.Union([Type.Record(Type.String(), Measured), Type.Null()], {
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

const Compared = Type.Record(Type.String(), Measured);

export const TaskReport = Type.Object(
  {
    task: Type.String(),
    types: Type.Array(Type.String()),
    weight: Type.Number({ description: 'Share of the loss, as the job gave it.' }),
    data: Type.Object({
      train: Type.Integer(),
      validation: Type.Integer(),
      test: Type.Integer(),
      testUsers: Type.Integer(),
      split: Type.String(),
    }),
    rankers: Type.Array(RankerReport),
    ensemble: Type.Optional(EnsembleReport),
    comparison: Type.Object({
      retained: Compared,
      keptByRounding: Compared,
      gainOverSingleTask: Compared,
      gainOverPopularity: Compared,
    }),
  },
  {
    description:
      "One task on its own test pairs: its teacher, the student with all tasks, a student with this task alone (the same history and teacher), and the task's popularity.",
  },
);
export type TaskReport = Static<typeof TaskReport>;

export const SetReport = Type.Object(
  {
    users: Type.Integer({ description: 'Of the test, at most 2,000, fewer on large catalogues.' }),
    labellers: Type.Array(
      Type.Object({
        name: RankerReport.properties.name,
        threshold: Type.Number({
          description:
            'Probability from which on an item belongs to the set; chosen on validation, as is the calibration.',
        }),
        metrics: Type.Record(Type.String(), Measured, {
          description:
            'microF1, microPrecision, microRecall, lrap (label ranking average precision), precision@k, logLoss.',
        }),
        macroF1: Type.Number({ description: "Mean of the items' own F1." }),
        calibrationError: Type.Number({ description: 'Expected calibration error, 15 bins of equal width.' }),
      }),
    ),
    microF1OfTeacher: { ...Measured, description: "Student's micro F1 by the teacher's." },
    microF1OverAlone: Measured,
    microF1OverPopularity: Measured,
  },
  {
    description:
      'Of the task multi-label with labels from items: the set of items that a user takes, each item a decision by itself. Items that the user is known to have are left out.',
  },
);
export type SetReport = Static<typeof SetReport>;

export const Report = Type.Object(
  {
    model: Type.String(),
    createdAt: Type.String({ format: 'date-time' }),
    rankers: Type.Array(RankerReport, { description: 'With tasks those of the first one.' }),
    comparison: Type.Object({
      compressionRatio: Type.Number({ description: "Teacher's bytes by the student's." }),
      retained: Type.Record(Type.String(), Measured, {
        description:
          "Student's metric as a share of the teacher's, paired bootstrap; a metric that is 0 for the teacher is left out.",
      }),
      keptByRounding: Type.Record(Type.String(), Measured, {
        description:
          "Student's metric as a share of the same student's before its weights were rounded, paired bootstrap.",
      }),
      gainOverAlone: Type.Record(Type.String(), Measured, {
        description: 'Student minus the same student without a teacher, paired bootstrap.',
      }),
      gainOverPrevious: Type.Optional(
        Type.Record(Type.String(), Measured, {
          description: 'Student minus the student of the version that taught it, paired bootstrap.',
        }),
      ),
      gainOverPopularity: Type.Record(Type.String(), Measured, {
        description: "Student's metric by popularity's, minus 1.",
      }),
    }),
    tasks: Type.Optional(Type.Array(TaskReport)),
    oneForAll: Type.Optional(
      Type.Object(
        {
          bytes: Type.Integer(),
          singleTaskBytes: Type.Integer({ description: 'Of the single-task students together.' }),
          sizeRatio: Type.Number(),
          p50Microseconds: Type.Number({ description: 'Median of one answer per task, summed up.' }),
          singleTaskP50Microseconds: Type.Number(),
        },
        { description: 'With tasks: the one student against the sum of the single-task students.' },
      ),
    ),
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
    protocol: Type.Object(
      {
        ranking: Type.String(),
        histories: Type.String(),
        recallDenominator: Type.String(),
        interval: Type.String(),
      },
      { description: 'How the metrics were taken.' },
    ),
    teacherCoverage: Type.Optional(TeacherCoverage),
    sets: Type.Optional(SetReport),
    studentBeforeTraining: Type.Union([Numbers, Type.Null()], {
      description:
        'On the validation part, before the first epoch: what the transfer of parameters alone gives. null without a validation part.',
    }),
    transfer: Type.Optional(TransferReport),
    ensemble: Type.Optional(EnsembleReport),
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
