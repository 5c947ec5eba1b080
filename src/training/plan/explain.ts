import type { CompleteDistillation } from '../../domain/jobs/complete-distillation.ts';
import { DEFAULT_ALIAS, type DistillationSpec } from '../../domain/jobs/distillation-spec.ts';
import type { PlannedDefault } from '../../domain/jobs/job-plan.ts';
import { DEFAULT_MARGIN } from '../../domain/releases/gate-spec.ts';
import { ratingTypes } from '../tasks/rating/plan.ts';
import type { ReadData } from './read-data.ts';
import type { PlannedSettings } from './settings.ts';

/** All that a reason may follow from. */
interface Planned {
  spec: CompleteDistillation;
  /** Undefined where the data could not be read. */
  data: ReadData | undefined;
  planned: PlannedSettings | undefined;
}

type Told = Omit<PlannedDefault, 'field'>;

interface Rule {
  field: string;
  /** Undefined where the job has no such setting. */
  tell(planned: Planned): Told | undefined;
}

const byRule = (value: unknown, why: string): Told => ({ value: value ?? null, why, decidedBy: 'rule' });
const byData = (value: unknown, why: string): Told => ({ value: value ?? null, why, decidedBy: 'data' });

/** Reads `student.dimensions` and the like of what was planned. */
function plannedAt({ planned }: Planned, path: string): unknown {
  return path
    .split('.')
    .reduce<unknown>((at, name) => (at as Record<string, unknown> | undefined)?.[name], planned?.settings);
}

/** A setting of the plan that follows from the size of the data; no such setting, no reason. */
const sized =
  (path: string, why: string): Rule['tell'] =>
  (all) => {
    if (!all.planned) return byData(null, `${why} The data could not be read for this plan.`);
    const value = plannedAt(all, path);
    return value === undefined ? undefined : byData(value, why);
  };

const SPLITS: Record<string, string> = {
  'single-label': "Each user's newest pairs are the test, as a user comes back later; each pair counts once.",
  sequential: "Each user's last item is the test, as the next one is predicted.",
  rating: 'Ratings are held out at random, as published figures do.',
  'multi-label': 'Entities are held out at random: no label of theirs is learned from.',
};

const WAYS =
  'Whether the user vector is summed or solved, by which losses and from which start is chosen by training each way for a part of the steps (docs/defaults.md).';

const RULES: readonly Rule[] = [
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
  {
    field: 'evaluation.k',
    tell: ({ spec }) => byRule(spec.evaluation.k, 'The places that lists usually have.'),
  },
  {
    field: 'evaluation.recallDenominator',
    tell: ({ spec }) =>
      byRule(
        spec.evaluation.recallDenominator,
        'All test items of a user, as most published figures have it.',
      ),
  },
  {
    field: 'evaluation.refit',
    tell: ({ spec }) =>
      byRule(
        spec.evaluation.refit,
        'What is served learns from the test part too, once it has been measured.',
      ),
  },
  {
    field: 'evaluation.seeds',
    tell: ({ spec }) =>
      byRule(spec.evaluation.seeds, 'Further seeds cost as much again, and narrow what chance explains.'),
  },
  {
    field: 'evaluation.unseenUsers',
    tell: ({ spec }) =>
      spec.evaluation.unseenUsers === undefined
        ? undefined
        : byRule(
            spec.evaluation.unseenUsers,
            'A tenth of the test users, at most 300, is left out, so that the report says what new users get.',
          ),
  },
  {
    field: 'publish.alias',
    tell: ({ spec }) => byRule(spec.publish.alias, 'What answers requests that name no version.'),
  },
  {
    field: 'publish.gate',
    tell: ({ spec }) =>
      spec.publish.alias === DEFAULT_ALIAS
        ? byRule(
            null,
            'The alias moves only if the student is not worse than the live version, above the baseline and not below the best control.',
          )
        : byRule('off', 'Aliases other than stable serve nobody who does not ask for them.'),
  },
  {
    field: 'publish.margin',
    tell: () => byRule(DEFAULT_MARGIN, 'So much worse, as a share, still counts as not worse.'),
  },
  {
    field: 'publish.undecided',
    tell: () => byRule('estimate', 'Where the test is too small to tell, the estimate decides.'),
  },
  {
    field: 'publish.teacher',
    tell: () =>
      byRule(
        null,
        'The teacher is stored with the version up to 256 MiB, so that later jobs can learn from it.',
      ),
  },
  {
    field: 'features',
    tell: ({ spec }) =>
      spec.task === 'single-label' || spec.task === 'sequential'
        ? {
            ...byRule(
              null,
              'Not trained on. What the catalogue says is read for items that come later, if hidden items show that it finds them.',
            ),
            decidedBy: 'validation',
            choices: ['items that come later are recommended', 'they are not'],
          }
        : undefined,
  },
  { field: 'priority', tell: ({ spec }) => byRule(spec.priority, 'Greater goes first.') },
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

/** A setting of fold-in students that rank items. */
function ofSums(tell: Rule['tell']): Rule['tell'] {
  return (all) => {
    const { task, student } = all.spec;
    return student.kind === 'fold-in' && task === 'single-label' ? tell(all) : undefined;
  };
}

/** A setting that validation chooses with the way to make the student, where that is open. */
function tellChoice(path: string, absent: unknown, why: string): Rule['tell'] {
  return (all) => {
    const { planned } = all;
    if (!planned) return byData(null, `${why} The data could not be read for this plan.`);
    const value = plannedAt(all, path) ?? absent;
    if (value === undefined) return undefined;
    const { candidates } = planned;
    return candidates.length > 1
      ? {
          value,
          why: `${why} Chosen on validation among ${candidates.join('; ')}.`,
          decidedBy: 'validation',
          choices: candidates,
        }
      : byData(value, why);
  };
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

/** Reasons for everything that the request leaves open. @param requested as it was posted */
export function explainDefaults(requested: DistillationSpec, planned: Planned): PlannedDefault[] {
  return RULES.flatMap(({ field, tell }) => {
    if (isNamed(requested, field)) return [];
    const told = tell(planned);
    return told ? [{ field, ...told }] : [];
  });
}

/** True where the request has a value at the path, or one above it that is no object. */
function isNamed(requested: DistillationSpec, field: string): boolean {
  let at: unknown = requested;
  for (const name of field.split('.')) {
    if (typeof at !== 'object' || at === null || Array.isArray(at)) return at !== undefined;
    at = (at as Record<string, unknown>)[name];
  }
  return at !== undefined;
}
