import { type Static, Type } from 'typebox';
import { Ending, TrafficTest } from './traffic.ts';

const orNull = <T extends Parameters<typeof Type.Union>[0][number]>(type: T) =>
  Type.Union([type, Type.Null()]);
const Rate = orNull(Type.Number());
const Interval = orNull(
  Type.Object(
    { low: Type.Number(), high: Type.Number(), level: Type.Number({ examples: [0.95] }) },
    {
      description: 'By users, since what one user does is not independent. Null for fewer than two users.',
    },
  ),
);

const OnlineVersion = Type.Object({
  version: Type.Integer(),
  variant: orNull(
    Type.String({ description: 'stable, or the name of a variant; null where the model had no traffic.' }),
  ),
  users: Type.Integer({ description: 'Users in the sample; recommendations to nobody known are one each.' }),
  served: Type.Integer({ description: 'Recommendations in the sample.' }),
  clicked: Type.Integer({
    description: 'Those with a positive interaction that named them and one of their items.',
  }),
  clickThroughRate: Rate,
  clickThroughInterval: Interval,
  conversions: Type.Integer({
    description: 'Such interactions of types whose meaning has the kind purchase, see GET /event-types.',
  }),
  conversionsPerServed: Rate,
  conversionsInterval: Interval,
  revenue: Type.Number({ description: 'The sum of their `value`; money where you send money there.' }),
  revenuePerServed: Rate,
  revenueInterval: Interval,
  itemsShown: Type.Integer(),
  itemsClicked: Type.Integer(),
  itemClickThroughRate: Rate,
});

const Comparison = Type.Object({
  variant: Type.String(),
  verdict: Type.Enum(['better', 'worse', 'open', 'too-few'], {
    description: 'too-few: a variant has fewer than minimumUsers.',
  }),
  difference: orNull(
    Type.Object(
      {
        estimate: Type.Number(),
        low: Type.Number(),
        high: Type.Number(),
        pValue: Type.Number(),
      },
      {
        description:
          "The variant's mean less that of stable. Interval and p-value hold at all times at once: look as often as you like.",
      },
    ),
  ),
});

const Experiment = Type.Object({
  experiment: Type.String(),
  state: Type.Enum(['running', 'ended']),
  since: Type.String({
    format: 'date-time',
    description: 'Counted from here: when the traffic was set, or stable moved last.',
  }),
  test: TrafficTest,
  variants: Type.Array(
    Type.Object({
      name: Type.String(),
      version: orNull(Type.Integer({ description: 'Null for stable once it has ended.' })),
      users: Type.Integer({ description: 'Users whose time of observation is over.' }),
      served: Type.Integer({ description: 'Recommendations to them in that time.' }),
      mean: orNull(Type.Number({ description: 'Mean over users of what `test.metric` says of each.' })),
    }),
  ),
  comparisons: Type.Array(Comparison),
  endings: Type.Array(Ending),
});

const Latency = orNull(
  Type.Object(
    { mean: Type.Number(), p99: Type.Number({ description: 'At most a fifth too high.' }) },
    { description: 'Microseconds of computing a list, without reading the history.' },
  ),
);

const Shadow = Type.Object({
  version: Type.Integer(),
  liveVersion: Type.Integer({ description: 'Version whose lists were shown.' }),
  asked: Type.Integer(),
  dropped: Type.Integer({ description: 'Requests of the sample for which there was no time.' }),
  failed: Type.Integer(),
  overlap: orNull(
    Type.Number({
      description: 'Mean share of the items that were shown that it would have shown among as many.',
    }),
  ),
  microseconds: Latency,
  liveMicroseconds: Latency,
});

export const Online = Type.Object({
  model: Type.String(),
  sample: Type.String({ description: 'What the counts are of.' }),
  sampleRate: orNull(
    Type.Number({
      description:
        'Share of the recommendations that this process writes down (SERVED_SAMPLE). Of users that an experiment counts all are.',
    }),
  ),
  versions: Type.Array(OnlineVersion, { description: 'Newest first.' }),
  byDay: Type.Optional(
    Type.Array(
      Type.Object({
        day: Type.String({ format: 'date', examples: ['2026-03-01'] }),
        versions: Type.Array(OnlineVersion),
      }),
      { description: 'With byDay=true: the days (UTC) on which something was served, the oldest first.' },
    ),
  ),
  traffic: orNull(
    Type.Enum(['running', 'ended'], {
      description: 'State of what GET /models/{name}/traffic answers; null where it was never set.',
    }),
  ),
  experiment: orNull(Experiment),
  shadows: Type.Array(Shadow, { description: 'Versions that ran along since the traffic was set.' }),
});
export type Online = Static<typeof Online>;
