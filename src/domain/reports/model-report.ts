import { type Static, Type } from 'typebox';
import { MeasuredByName, Numbers, orNull } from './measured.ts';

const MODEL_NAMES = [
  'teacher',
  'student',
  'student-float32',
  'student-alone',
  'best-alone',
  'single-task',
  'previous',
  'live',
  'popularity',
  'means',
  'frequency',
] as const;

export const ModelName = Type.Enum([...MODEL_NAMES], {
  description:
    "student: the student as it is served, with rounded weights. student-float32: the same student before its weights were rounded. student-alone: the same student without a teacher, from random numbers. best-alone: the best small model without a teacher at no more than the student's bytes: a linear model for rankings, factors with solved users for ratings, logistic regression for labels. single-task: of a job with tasks, a student of the same kind that learned one task alone. previous: the student of the version that taught, where a stored version did; items that it does not know come last. live: the student of the version that is live under the alias that the job publishes to, or under stable; where that version also taught, it is `previous` alone. popularity, means, frequency: the baseline of rankings, ratings and labels, the same for everybody but for a user's mean rating.",
});

export const ModelRole = Type.Enum(['teacher', 'student', 'control', 'baseline', 'previous', 'live'], {
  description:
    'teacher: what was distilled. student: what is published. control: a small model without a teacher, or of one task alone. baseline: what needs no training. previous, live: students of earlier versions.',
});
export type ModelRole = Static<typeof ModelRole>;

const SegmentReport = Type.Object({
  segment: Type.String({
    description:
      'items:head, items:torso, items:tail: test pairs by the popularity of their item, each class with a third of the training interactions. items:old, items:new: by whether an earlier version knew the item. history:1-5 and the like: test users by the number of items in their history. behaviour:1-10 and the like: entities by their interactions. users:cold, items:cold, items:cold-only: what is known by its features alone.',
    examples: ['items:head', 'history:1-10'],
  }),
  count: Type.Integer({
    description: 'Test users with a pair in the segment; ratings for the task rating, entities for labels.',
  }),
  metrics: { ...Numbers, description: 'Means over the segment, without an interval.' },
});

const Over = Type.Object(
  {
    users: Type.Integer({ description: 'Test users; of labels test entities.' }),
    pairs: Type.Integer({
      description: 'Test pairs of them; of ratings test ratings, of labels test entities.',
    }),
    student: { ...MeasuredByName, description: "The student's metrics over the same." },
  },
  {
    description:
      'The part of the test that the row is over, where that is not all of it. A live version was refitted as a rule and has learned from test pairs of this job: it is compared on those alone that it has not learned from, and the others are not asked for. Its metrics are set beside `student` here and not beside the other rows.',
  },
);

export const ModelReport = Type.Object(
  {
    name: ModelName,
    role: ModelRole,
    description: Type.String({ examples: ['softmax 600, relu'] }),
    version: Type.Optional(
      Type.Integer({ description: 'Number of the version, of the roles previous and live.' }),
    ),
    isLive: Type.Optional(
      Type.Boolean({
        description: 'true for the role previous where the version that taught is also the one that is live.',
      }),
    ),
    over: Type.Optional(Over),
    metrics: {
      ...MeasuredByName,
      description:
        "Means over the test users with a 95 % interval. Rankings: recall@k (share of the user's test items among the first k), precision@k, ndcg@k, mrr@k, hr@k (1 where a test item is among the first k); accuracy is the former name of hr@1 and will go. Ratings: rmse and mae, in units of the scale. Labels: microF1, microPrecision, microRecall over all decisions, lrap (label ranking average precision), precision@k, logLoss (mean over labels, in nats). Of rmse, mae and logLoss less is better.",
    },
    figures: Type.Optional({
      ...Numbers,
      description:
        "Labels: macroF1 (mean of the labels' own F1) and calibrationError (expected calibration error of all probabilities, 15 bins of equal width), which have no interval.",
    }),
    loss: orNull(Type.Number(), {
      description:
        'Rankings: mean cross-entropy of the test items under the softmax over all items, in nats, of the scores as they are. null for a model that lists a few items, where the loss is no finite number (a warning says so), and for other tasks.',
    }),
    calibratedLoss: orNull(Type.Number(), {
      description:
        'The same loss in nats after the scores were multiplied by `scoreScale`; losses of models whose scores have different scales are compared by it. null where no scale was fitted.',
    }),
    scoreScale: orNull(Type.Number(), {
      description:
        'The factor that makes the softmax of the scores most likely on the validation pairs. null where no scale was fitted.',
    }),
    fidelity: orNull(MeasuredByName, {
      description:
        "Against the teacher. Rankings: overlap@k (share of the first k that both have), rbo (rank-biased overlap, p = .9), tau (Kendall's tau of the order that the scores give to the teacher's first items, at most 50), kl (divergence from the teacher at temperature 1, in nats). Ratings: distance (root mean square of the difference from the teacher's predictions, in units of the scale). Labels: agreement (share of the decisions that are the teacher's). null for the teacher, and for the live version, which is compared with the student alone.",
    }),
    coverage: orNull(Numbers, {
      description:
        "coverage@k: items that are in some user's first k, divided by all items. null for tasks that rank no items.",
    }),
    popularityBias: orNull(Numbers, {
      description:
        'averagePopularity@k: mean training weight of what is shown. headShare@k: share of the places that go to the most popular items, which carry a third of the training interactions. gini@k: how unequally often items are shown, 0 to 1. null for tasks that rank no items.',
    }),
    parameters: Type.Integer({ description: 'Numbers that are stored, before any rounding.' }),
    bytes: Type.Integer({ description: 'Size of the weights as they are stored, in bytes.' }),
    p50Microseconds: orNull(Type.Number(), {
      description:
        'Median time of one recommendation on the machine of the job, in microseconds; null where it was not measured.',
    }),
    p99Microseconds: orNull(Type.Number(), {
      description: 'The time within which 99 of 100 recommendations are made, in microseconds.',
    }),
    segments: Type.Array(SegmentReport),
  },
  { description: 'One model on the test part.' },
);
export type ModelReport = Static<typeof ModelReport>;

/** True for the controls that show what a teacher was worth: a student of one task alone has one too. */
export function isWithoutTeacher({ name, role }: Pick<ModelReport, 'name' | 'role'>): boolean {
  return role === 'control' && name !== 'single-task';
}

/** The parts of a model's report that mean nothing where no items are ranked, or that former reports lack. */
export const UNRANKED = {
  loss: null,
  calibratedLoss: null,
  scoreScale: null,
  coverage: null,
  popularityBias: null,
  p50Microseconds: null,
  p99Microseconds: null,
} as const;
