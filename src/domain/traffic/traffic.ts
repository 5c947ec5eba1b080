import { type Static, Type } from 'typebox';
import { ModelName } from '../base/model-name.ts';
import { VersionInBody, VersionRef } from '../base/version-ref.ts';
import { SLOTS } from './assign.ts';

/** Its version is the one behind this alias, whatever that is: the others are compared with it. */
export const CONTROL = 'stable';

const METRICS = ['click-through', 'conversions', 'revenue'] as const;
export type TrafficMetric = (typeof METRICS)[number];

/** How long a user is observed where nobody says it: a click comes at once, a purchase within the day. */
const WINDOW_MINUTES: Record<TrafficMetric, number> = {
  'click-through': 60,
  conversions: 1440,
  revenue: 1440,
};

const metric = Type.Enum([...METRICS], {
  description:
    'What decides, of each user once. click-through: the share of their recommendations that were followed by a positive interaction with one of its items, sent with its recommendationId. conversions: whether there was one of a type whose meaning has the kind `purchase` (GET /event-types). revenue: the sum of the `value` of those.',
});
const minimumUsers = Type.Integer({
  minimum: 20,
  maximum: 10_000_000,
  description: 'Nothing is decided before each variant has so many users. Default 200.',
});
const endAfter = Type.Object(
  {
    users: Type.Optional(
      Type.Integer({ minimum: 40, maximum: 100_000_000, description: 'Users of all variants together.' }),
    ),
    days: Type.Optional(Type.Number({ exclusiveMinimum: 0, maximum: 365, description: 'Default 28.' })),
  },
  {
    additionalProperties: false,
    description:
      'The end without a difference, whichever comes first; stable goes on with all of the traffic.',
  },
);
const alpha = Type.Number({
  minimum: 0.0001,
  maximum: 0.2,
  description: 'The error of the test, two-sided and for all looks and variants together. Default .05.',
});
const harm = Type.Number({
  minimum: 0,
  maximum: 1,
  description:
    'A variant that is shown to be worse than stable by more than this share of its figure is stopped. Default 0: as soon as it is shown to be worse.',
});
const onEnd = Type.Enum(['promote', 'stop'], {
  description:
    'What follows when a variant is shown to be better: stable moves to it (promote, the default), or the traffic ends and a person decides.',
});
const windowMinutes = Type.Number({
  exclusiveMinimum: 0,
  maximum: 43_200,
  description:
    'How long a user is observed, from the first recommendation on; the user counts when it is over. Default 60 for click-through, 1440 otherwise.',
});
const sample = Type.Number({
  exclusiveMinimum: 0,
  maximum: 1,
  description: 'Share of the users that are counted. Default 1.',
});

export const TrafficTest = Type.Object(
  {
    metric,
    minimumUsers,
    endAfter: Type.Object({ users: endAfter.properties.users, days: Type.Number() }),
    alpha,
    harm,
    onEnd,
    windowMinutes,
    sample,
  },
  { description: 'The rule by which it ends.' },
);
export type TrafficTest = Static<typeof TrafficTest>;

const NewTest = Type.Object(
  {
    metric,
    minimumUsers: Type.Optional(minimumUsers),
    endAfter: Type.Optional(endAfter),
    alpha: Type.Optional(alpha),
    harm: Type.Optional(harm),
    onEnd: Type.Optional(onEnd),
    windowMinutes: Type.Optional(windowMinutes),
    sample: Type.Optional(sample),
  },
  {
    additionalProperties: false,
    description:
      'Compares each variant with stable, and ends by itself. Without it the shares stay until somebody changes them.',
  },
);

const ExperimentName = Type.String({
  pattern: '^[A-Za-z0-9][A-Za-z0-9_.-]{0,63}$',
  'x-must-be': 'a name of 1-64 letters, digits, dots, hyphens and underscores',
  description:
    'Decides together with the user which variant answers. The same name leaves users where they are, as far as the shares do; a new one shuffles them anew. Default: the name of before, or `default`.',
  examples: ['candidate-may'],
});

const Shadow = Type.Object(
  {
    version: Type.Unsafe<string | number>({ ...VersionInBody, description: 'A version number or an alias.' }),
    sample: Type.Number({
      exclusiveMinimum: 0,
      maximum: 1,
      description: 'Share of the requests that it is asked about, too.',
    }),
  },
  {
    additionalProperties: false,
    description:
      'A version that is asked in the background about a sample of the requests; nobody sees what it says.',
  },
);

export const NewTraffic = Type.Object(
  {
    shares: Type.Record(Type.String(), Type.Integer({ minimum: 1, maximum: SLOTS }), {
      minProperties: 1,
      maxProperties: 10,
      description:
        'Whole per cents by alias or version number; they add up to 100, and `stable` is one of them. Versions are looked up now and stay until the next PUT, but for that of stable, which follows its alias.',
      examples: [{ stable: 90, candidate: 10 }],
    }),
    experiment: Type.Optional(ExperimentName),
    test: Type.Optional(NewTest),
    shadow: Type.Optional(Shadow),
  },
  { additionalProperties: false },
);
export type NewTraffic = Static<typeof NewTraffic>;

/** A variant beside stable, with the version that it had when the traffic was set. */
export const Variant = Type.Object({ name: Type.String(), version: Type.Integer() });

export const Ending = Type.Object({
  at: Type.String({ format: 'date-time' }),
  kind: Type.Enum(['better', 'worse', 'undecided', 'overtaken'], {
    description: 'overtaken: the version took stable by other means.',
  }),
  variant: Type.Union([Type.String(), Type.Null()]),
  version: Type.Union([Type.Integer(), Type.Null()]),
  promoted: Type.Boolean({ description: 'True where stable has moved to the version.' }),
  text: Type.String({ description: 'Why, in a sentence.' }),
});
export type Ending = Static<typeof Ending>;

/** Traffic as it is kept. */
export interface Traffic {
  model: string;
  experiment: string;
  shares: Record<string, number>;
  slots: readonly string[];
  variants: Static<typeof Variant>[];
  test: TrafficTest | null;
  shadow: { version: number; sample: number } | null;
  state: 'running' | 'ended';
  /** Why somebody has set it, where that was said. */
  reason?: string;
  /** Variants that were stopped, and how it all ended; the oldest first. */
  endings: Ending[];
}

export const TrafficView = Type.Object({
  model: ModelName,
  state: Type.Enum(['running', 'ended'], { description: 'ended: stable has all of the traffic.' }),
  experiment: Type.String(),
  shares: Type.Record(Type.String(), Type.Integer()),
  variants: Type.Array(
    Type.Object({
      ...Variant.properties,
      serving: Type.Optional(
        Type.Object(
          {
            state: Type.Enum(['live', 'loading', 'refused']),
            reason: Type.Optional(Type.String()),
          },
          { description: 'In this process. Stable answers for a version that is not live.' },
        ),
      ),
    }),
  ),
  test: Type.Union([TrafficTest, Type.Null()]),
  shadow: Type.Union([Type.Object({ version: Type.Integer(), sample: Type.Number() }), Type.Null()]),
  reason: Type.Optional(Type.String()),
  endings: Type.Array(Ending, { description: 'Variants that were stopped, and how it ended.' }),
  updatedAt: Type.String({ format: 'date-time' }),
});
export type TrafficView = Static<typeof TrafficView>;

const DEFAULT_DAYS = 28;

/** The test with every default filled in. */
export function completeTest({ metric: by, endAfter: end, ...test }: Static<typeof NewTest>): TrafficTest {
  return {
    metric: by,
    minimumUsers: 200,
    alpha: 0.05,
    harm: 0,
    onEnd: 'promote',
    windowMinutes: WINDOW_MINUTES[by],
    sample: 1,
    ...test,
    endAfter: { days: DEFAULT_DAYS, ...end },
  };
}

const NAME = new RegExp((VersionRef as { pattern?: string }).pattern!);

/** Finds what contradicts itself: a sentence that names the field; null where nothing does. */
export function trafficProblem({ shares, test, shadow }: NewTraffic): string | null {
  const names = Object.keys(shares);
  const odd = names.find((name) => !NAME.test(name));
  if (odd !== undefined)
    return `shares has ${JSON.stringify(odd)}, which is neither a version number such as 4 nor an alias such as candidate`;
  const sum = Object.values(shares).reduce((total, share) => total + share, 0);
  if (sum !== SLOTS) return `shares must add up to 100; ${names.join(' + ')} is ${sum}`;
  if (!Object.hasOwn(shares, CONTROL))
    return `shares must have ${CONTROL}: the others are compared with it, and it answers for a version that cannot be loaded`;
  if (names.length === 1 && test)
    return `test needs a variant beside ${CONTROL} in shares; a version that only runs along goes into shadow`;
  if (names.length === 1 && !shadow)
    return `shares has ${CONTROL} alone, and there is no shadow; DELETE the traffic to end it`;
  const { users } = test?.endAfter ?? {};
  const least = (test?.minimumUsers ?? 200) * names.length;
  if (users !== undefined && users < least)
    return `test.endAfter.users must be at least test.minimumUsers for each of the ${names.length} variants, ${least} together; got ${users}`;
  return null;
}
