import { ratingTypes } from '../tasks/rating/plan.ts';
import {
  byData,
  byRule,
  ofSums,
  type Planned,
  plannedAt,
  type Reason,
  sized,
  type Told,
  tellChoice,
} from './reason.ts';

const SPLITS: Record<string, string> = {
  'single-label': "Each user's newest pairs are the test, as a user comes back later; each pair counts once.",
  sequential: "Each user's last item is the test, as the next one is predicted.",
  rating: 'Ratings are held out at random, as published figures do.',
  'multi-label': 'Entities are held out at random: no label of theirs is learned from.',
};

const WAYS =
  'Whether the user vector is summed or solved, by which losses and from which start is chosen by training each way for a part of the steps (docs/defaults.md).';

/** Reasons for data, teacher, student and their training. */
export const MODEL_REASONS: readonly Reason[] = [
  {
    field: 'task',
    tell: ({ spec }) =>
      byRule(spec.task, 'Items that go with a set of items: what a job learns that names nothing else.'),
  },
  {
    field: 'dataset.types',
    tell: ({ data, spec }) => ({
      value: spec.task === 'rating' ? ratingTypes(spec) : (data?.weighting.types ?? null),
      why:
        spec.task === 'rating'
          ? 'Values of the type rating are the ratings.'
          : 'What counts, and how much, is as declared with PUT /event-types, else as the name of a type usually means; unknown types do not count.',
      decidedBy: 'installation',
    }),
  },
  { field: 'dataset.split', tell: ({ spec }) => byRule(spec.dataset.split, SPLITS[spec.task]!) },
  { field: 'teacher', tell: tellTeacher },
  {
    field: 'student.kind',
    tell: ({ spec }) =>
      byRule(
        spec.student.kind,
        spec.task === 'sequential'
          ? 'It reads the order of the history, as the task does.'
          : 'It answers users whom it has never seen, from their history alone.',
      ),
  },
  {
    field: 'student.dimensions',
    tell: ({ planned, spec }) => {
      const why = {
        'single-label':
          '64, on small catalogues a fifth of the items, so that it stays ten times smaller than a matrix of items by items; twice as many where one matrix serves both sides.',
        sequential: 'Half of the 64 that a teacher has, in one matrix for both sides.',
        rating: 'The width with which the defaults were chosen (docs/ratings.md).',
        'multi-label': 'The width with which the defaults were chosen (docs/multi-label.md).',
      }[spec.task];
      if (spec.student.mostBytes !== undefined)
        return byData(
          planned?.dimensions,
          `As many as fit student.mostBytes of ${spec.student.mostBytes} bytes.`,
        );
      return byData(planned?.dimensions, why);
    },
  },
  { field: 'student.user', tell: ofSums(tellChoice('student.user', 'summed', WAYS)) },
  {
    field: 'student.quantization',
    tell: ({ spec }) =>
      byRule(
        spec.student.quantization,
        'A quarter of the bytes of float32; the report has what the rounding costs (keptByRounding).',
      ),
  },
  {
    field: 'student.tied',
    tell: sized(
      'student.tied',
      'One item matrix for both sides where the user vector is solved or read in order, else two.',
    ),
  },
  {
    field: 'student.maxHistory',
    tell: sized('maxHistory', 'The newest items that serving reads; so many of nearly every user.'),
  },
  { field: 'distillation.losses', tell: tellLosses },
  {
    field: 'distillation.transfer',
    tell: tellChoice(
      'distillation.transfer',
      undefined,
      'The start that goes with the way in which the student is made: the truncated SVD of what the teacher scores, or iALS for a user vector that is solved.',
    ),
  },
  {
    field: 'distillation.thinned',
    tell: ofSums(
      tellChoice(
        'distillation.thinned',
        0,
        'Copies of histories with a part missing teach what the teacher says of users whom nobody knows.',
      ),
    ),
  },
  {
    field: 'distillation.epochs',
    tell: sized(
      'distillation.epochs',
      'As many as reach the number of updates after which students stopped improving, within a budget of steps.',
    ),
  },
  {
    field: 'distillation.batchSize',
    tell: sized(
      'distillation.batchSize',
      'Larger where there are many users, so that an epoch has not too many steps.',
    ),
  },
  {
    field: 'distillation.learningRate',
    tell: sized(
      'distillation.learningRate',
      'By the losses: the order of a teacher wants few updates at a high rate, scores and data many at a low one.',
    ),
  },
  {
    field: 'distillation.dropout',
    tell: sized('distillation.dropout', 'Hides a part of each history, more where the data teaches too.'),
  },
  {
    field: 'distillation.seed',
    tell: ({ spec }) =>
      byRule(spec.distillation.seed, 'The same job on the same data makes the same student.'),
  },
];

function tellTeacher({ spec, planned }: Planned): Told {
  const { teacher, task } = spec;
  if (task === 'rating')
    return byRule(teacher, 'SVD++, the larger of the two models of ratings (docs/ratings.md).');
  if (task === 'multi-label' && teacher.kind === 'multilabel')
    return byRule(teacher, 'A network over behaviour and features, as wide as the data allows.');
  const [plan] = planned?.teachers ?? [];
  if (plan?.kind !== 'auto')
    return byData(plan ?? teacher, 'A network, as the student is to learn from its layers.');
  const { budgetSeconds, candidates, leftOut } = plan;
  const left = leftOut.map(({ kind, seconds, memoryMiB }) =>
    memoryMiB === undefined ? `${kind} (${seconds} s)` : `${kind} (${memoryMiB} MiB)`,
  );
  return {
    value: { kind: 'auto', budgetSeconds },
    why: `The kinds that fit a budget of ${budgetSeconds} seconds for data of this size are trained, and the best on validation or a blend of them teaches.${left.length > 0 ? ` Left out: ${left.join(', ')}.` : ''}`,
    decidedBy: 'validation',
    choices: candidates.map((one) => describeCandidate(one)),
  };
}

function describeCandidate(candidate: { kind: string; objective?: string; dimensions?: number }): string {
  const { kind, objective, dimensions } = candidate;
  return [kind, objective, dimensions && `${dimensions} dimensions`].filter(Boolean).join(' ');
}

function tellLosses(all: Planned): Told | undefined {
  const losses = plannedAt(all, 'distillation.losses');
  const why =
    "The teacher's order; on a catalogue of fewer than 500 items its scores, as ranks tell too little there. A teacher of other data leaves a little to the data.";
  if (losses !== undefined) return tellChoice('distillation.losses', undefined, why)(all);
  const { spec } = all;
  if (spec.task !== 'rating' && spec.task !== 'multi-label') return byData(null, why);
  return byRule(
    [
      { kind: 'softLabels', weight: 1 },
      { kind: 'hardLabels', weight: 0.1 },
    ],
    "The teacher's predictions, and a little of the data itself.",
  );
}
