import { type Static, Type } from 'typebox';

const Count = Type.Integer({ minimum: 0 });
const Share = Type.Number({ minimum: 0, maximum: 1 });
export const CountAndShare = Type.Object({ count: Count, share: Share });
const Time = Type.Union([Type.String({ format: 'date-time' }), Type.Null()]);

export const Distribution = Type.Object({
  count: Count,
  mean: Type.Number(),
  median: Count,
  p90: Count,
  p99: Count,
  max: Count,
  histogram: Type.Array(Type.Object({ from: Count, to: Count, count: Count }), {
    description: 'Bins that double in width: 1, 2-3, 4-7, ... Both ends belong to a bin.',
  }),
});
export type Distribution = Static<typeof Distribution>;

export const Growth = Type.Object(
  {
    unit: Type.Enum(['day', 'week', 'month', 'year'], {
      description: 'The finest that makes at most 400 bins. Weeks begin on Mondays; all are of UTC.',
    }),
    bins: Type.Array(Type.Object({ from: Type.String({ format: 'date-time' }), count: Count }), {
      description: 'In the order of time; those without interactions are left out.',
    }),
  },
  { description: 'Interactions with a time, by when they were.' },
);
export type Growth = Static<typeof Growth>;

const interactionStats = {
  interactions: Type.Object({
    total: Count,
    byType: Type.Record(Type.String(), Count),
    withoutTimestamp: Count,
    first: Time,
    last: Time,
    growth: Growth,
  }),
  users: Type.Integer({ description: 'Users with at least one interaction.' }),
  items: Type.Integer({ description: 'Items with at least one interaction.' }),
  density: Type.Number({
    description:
      'Interactions by users times items; repeats count, so that it can exceed the share of filled cells.',
  }),
  historyLength: Distribution,
  itemPopularity: Distribution,
  topItemsShare: Type.Object(
    { '1%': Share, '10%': Share, '20%': Share },
    { description: 'Share of all interactions on so much of the items, the most popular first.' },
  ),
};
const sparse = { usersBelow5: CountAndShare, itemsBelow5: CountAndShare };

export const InteractionStats = Type.Object({ ...interactionStats, cold: Type.Object(sparse) });
export type InteractionStats = Static<typeof InteractionStats>;

export const Stats = Type.Object(
  {
    computedAt: Type.String({ format: 'date-time' }),
    ...interactionStats,
    interactions: Type.Object({
      ...interactionStats.interactions.properties,
      unknown: Type.Array(Type.String(), {
        description:
          'Types of which nobody says what they mean: they do not count until declared, PUT /event-types/{type}.',
      }),
      dislikedSince: Type.Array(
        Type.Object({ type: Type.String(), model: Type.String(), version: Type.Integer() }),
        {
          description:
            'Types that are disliking by what is declared now, and that a live version was trained with as something else: its answers follow the declaration, what it has learned does from the next training on.',
        },
      ),
    }),
    catalogue: Type.Object({
      items: Type.Integer({ description: 'Items sent to POST /items or imported.' }),
      users: Type.Integer({ description: 'Users sent with features.' }),
      unlisted: Type.Object({
        count: Type.Integer({ description: 'Items that only interactions speak of.' }),
        recommended: Type.Boolean({ description: 'Whether they are recommended, see RECOMMEND_UNLISTED.' }),
      }),
    }),
    cold: Type.Object({
      ...sparse,
      itemsWithoutInteractions: Type.Object(CountAndShare.properties, {
        description: 'Items of the catalogue that nobody has taken.',
      }),
    }),
  },
  { description: 'The data as it is: what to look at before training.' },
);
export type Stats = Static<typeof Stats>;
