import { type Static, Type } from 'typebox';
import { parseTimestamp } from '../base/timestamp.ts';
import { InteractionType } from '../data/interaction.ts';

const Share = { minimum: 0, maximum: 0.5 } as const;
const Time = Type.String({
  maxLength: 64,
  description: 'ISO-8601; without a zone UTC.',
  examples: ['2026-02-01T00:00:00Z'],
});

export const SplitSpec = Type.Object(
  {
    strategy: Type.Enum(
      ['last-fraction', 'leave-last-out', 'random', 'global-time', 'held-out-users', 'types'],
      {
        description: [
          "last-fraction: each user's newest interactions are the test set, the newest of the rest validation.",
          'leave-last-out: the newest is test, the one before validation.',
          'random: as last-fraction, but drawn at random.',
          'global-time: everything after one moment is test, everything between an earlier one and that is validation.',
          'held-out-users: some users are not trained on; the rest of their history is predicted from its older part.',
          'types: interactions that were imported under the types `test` and `validation` are held out; what has another type is trained on.',
        ].join(' '),
      },
    ),
    testFraction: Type.Optional(
      Type.Number({ ...Share, description: 'Share of the interactions, or of the users (held-out-users).' }),
    ),
    validationFraction: Type.Optional(
      Type.Number({
        ...Share,
        description:
          'As testFraction. With types and no validation type: share of each training history that is held out for tuning; 0 trains on all of it.',
      }),
    ),
    testSince: Type.Optional(Time),
    validationSince: Type.Optional(Time),
    foldInFraction: Type.Optional(
      Type.Number({
        exclusiveMinimum: 0,
        exclusiveMaximum: 1,
        description: "held-out-users: share of such a user's history that is known.",
      }),
    ),
    test: Type.Optional(InteractionType),
    validation: Type.Optional(InteractionType),
    testHistory: Type.Optional(
      Type.Enum(['train', 'train+validation'], {
        description:
          'types: what the scores for the test are computed from. The validation interactions are never recommended, either way. Published results mostly use train, the default; without a validation type it is always train+validation, the published training part.',
      }),
    ),
  },
  { additionalProperties: false },
);
export type SplitSpec = Static<typeof SplitSpec>;

export type CompleteSplit =
  | { strategy: 'last-fraction' | 'random'; testFraction: number; validationFraction: number }
  | { strategy: 'leave-last-out' }
  | { strategy: 'global-time'; testFraction: number; validationFraction: number }
  | { strategy: 'global-time'; testSince: string; validationSince: string }
  | { strategy: 'held-out-users'; testFraction: number; validationFraction: number; foldInFraction: number }
  | { strategy: 'types'; test: string; validation: string; testHistory: 'train' | 'train+validation' }
  | { strategy: 'types'; test: string; validationFraction: number };

/** A spec that splitProblem has nothing against, with every default filled in; what is complete stays as it is. */
export function completeSplit(split: SplitSpec): CompleteSplit {
  const fractions = { testFraction: 0.2, validationFraction: 0.1 };
  const { strategy } = split;
  switch (strategy) {
    case 'leave-last-out':
      return { strategy };
    case 'held-out-users': {
      const { testFraction = 0.1, validationFraction = 0.1, foldInFraction = 0.8 } = split;
      return { strategy, testFraction, validationFraction, foldInFraction };
    }
    case 'global-time': {
      const { testSince, validationSince } = split;
      if (testSince !== undefined && validationSince !== undefined)
        return { strategy, testSince, validationSince };
      return { ...fractions, ...split, strategy };
    }
    case 'types': {
      const { test = '', validation, testHistory = 'train', validationFraction = 0.1 } = split;
      return validation === undefined
        ? { strategy, test, validationFraction }
        : { strategy, test, validation, testHistory };
    }
    default:
      return { ...fractions, ...split, strategy };
  }
}

type Option = Exclude<keyof SplitSpec, 'strategy'>;
const FRACTIONS: readonly Option[] = ['testFraction', 'validationFraction'];
const OPTIONS: Record<SplitSpec['strategy'], readonly Option[]> = {
  'last-fraction': FRACTIONS,
  random: FRACTIONS,
  'leave-last-out': [],
  'global-time': [...FRACTIONS, 'testSince', 'validationSince'],
  'held-out-users': [...FRACTIONS, 'foldInFraction'],
  types: ['test', 'validation', 'validationFraction', 'testHistory'],
};

/** The first contradiction in a split, named by its field, or null. */
export function splitProblem(split: SplitSpec | undefined): string | null {
  if (!split) return null;
  const { strategy, ...given } = split;
  const odd = (Object.keys(given) as Option[]).find((name) => !OPTIONS[strategy].includes(name));
  if (odd !== undefined) {
    const fits = OPTIONS[strategy].join(', ') || 'none';
    return `dataset.split.${odd} does not apply to ${strategy}; its options are: ${fits}`;
  }
  if (strategy === 'types') return typesProblem(split);
  return fractionsProblem(split) ?? (strategy === 'global-time' ? timesProblem(split) : null);
}

function fractionsProblem({ testFraction, validationFraction }: SplitSpec): string | null {
  const zero = FRACTIONS.find((name) => ({ testFraction, validationFraction })[name as 'testFraction'] === 0);
  if (zero !== undefined) return `dataset.split.${zero} must be above 0; got 0`;
  const [test, validation] = [testFraction ?? 0, validationFraction ?? 0];
  if (test + validation < 1) return null;
  return `dataset.split holds out ${test} for the test and ${validation} for validation, which leaves nothing for training; together they must stay below 1`;
}

function timesProblem(split: SplitSpec): string | null {
  const { testSince, validationSince } = split;
  if (testSince === undefined && validationSince === undefined) return null;
  if (testSince === undefined || validationSince === undefined) {
    const [there, missing] = testSince ? ['testSince', 'validationSince'] : ['validationSince', 'testSince'];
    return `dataset.split.${missing} is missing: it goes with ${there}`;
  }
  const fraction = FRACTIONS.find((name) => split[name] !== undefined);
  if (fraction !== undefined)
    return `dataset.split.${fraction} and testSince exclude each other; leave one out`;
  for (const [field, time] of Object.entries({ testSince, validationSince }))
    if (Number.isNaN(parseTimestamp(time)))
      return `dataset.split.${field} must be a time such as 2026-02-01T00:00:00Z; got ${JSON.stringify(time)}`;
  if (parseTimestamp(validationSince) < parseTimestamp(testSince)) return null;
  return `dataset.split.validationSince must be earlier than testSince; got ${validationSince} and ${testSince}`;
}

function typesProblem(split: SplitSpec): string | null {
  const { test, validation, validationFraction, testHistory } = split;
  if (test === undefined)
    return 'dataset.split.test is missing: it names the interaction type that is held out';
  if (test === validation)
    return `dataset.split.validation and test are both ${test}; they must be two types`;
  if (validation !== undefined && validationFraction !== undefined)
    return 'dataset.split.validationFraction does not apply beside validation; leave one out';
  if (validation === undefined && testHistory !== undefined)
    return 'dataset.split.testHistory only applies beside a validation type';
  return null;
}
