import { DEFAULT_WEIGHTING, interactionWeight, type Weighting } from './weighting.ts';

const DAY_MS = 86_400_000;

/** What popularity is, for an installation: the same for lists, for fallbacks, and with or without a model. */
export interface PopularityDefinition {
  /** Which interactions are positive, and how much they weigh; its half-life is not read. */
  weighting: Weighting;
  /** Days in which a user's interest in an item counts half; null: it does not age. */
  halfLifeDays: number | null;
  /** Days that are recent to trending. */
  recentDays: number;
  /** Days before those, which an item is compared with. */
  pastDays: number;
}

/** The half-life is a month: what is liked now says more of now (Ji et al., SIGIR 2020, on time in popularity baselines). */
export const DEFAULT_POPULARITY: PopularityDefinition = {
  weighting: DEFAULT_WEIGHTING,
  halfLifeDays: 30,
  recentDays: 7,
  pastDays: 28,
};

/** @param halfLifeDays as the setting says it: 0 for interest that does not age */
export function popularityOf(halfLifeDays: number): PopularityDefinition {
  return { ...DEFAULT_POPULARITY, halfLifeDays: halfLifeDays === 0 ? null : halfLifeDays };
}

/** An interaction as popularity reads it. Times are milliseconds or null. */
export interface PopularityRow {
  itemKey: number;
  type: string;
  value: number | null;
  timestamp: number | null;
}

export interface ItemPopularity {
  itemKey: number;
  /** Sum over users, each once: weight times the decay by age. */
  score: number;
  /** Distinct users with a positive interaction. */
  users: number;
  /** Distinct users within the recent days. */
  recent: number;
  /** Distinct users within the days before. */
  past: number;
  /** How far the item is above its own past, see `trendOf`; 0 where it is not. */
  trend: number;
}

/** Counts users one after the other, in memory of the size of the catalogue. */
export interface PopularityCount {
  /** @param rows all interactions of one user, the oldest first */
  add(rows: readonly PopularityRow[]): void;
  result(): ItemPopularity[];
}

/** @param newest the time that ages are counted to, in milliseconds; null where no interaction has a time */
export function createPopularityCount(
  { weighting, halfLifeDays, recentDays, pastDays }: PopularityDefinition,
  newest: number | null,
): PopularityCount {
  const items = new Map<number, ItemPopularity>();
  const ageless = { ...weighting, halfLifeDays: null };
  const recentFrom = newest === null ? Number.POSITIVE_INFINITY : newest - recentDays * DAY_MS;
  const pastFrom = recentFrom - pastDays * DAY_MS;
  return {
    add(rows) {
      for (const [itemKey, pair] of pairsOf(rows, ageless)) {
        const item = items.get(itemKey) ?? { itemKey, score: 0, users: 0, recent: 0, past: 0, trend: 0 };
        items.set(itemKey, item);
        item.score += pair.weight * decay(pair.newest, newest, halfLifeDays);
        item.users++;
        if (pair.times.some((time) => time > recentFrom)) item.recent++;
        if (pair.times.some((time) => time > pastFrom && time <= recentFrom)) item.past++;
      }
    },
    result: () =>
      [...items.values()].map((item) => ({
        ...item,
        trend: trendOf(item.recent, item.past * (recentDays / pastDays)),
      })),
  };
}

interface Pair {
  weight: number;
  /** Null where no positive interaction has a time. */
  newest: number | null;
  times: number[];
}

/** What a user says of each item: only items of which it is something positive. */
function pairsOf(rows: readonly PopularityRow[], weighting: Weighting): Map<number, Pair> {
  const pairs = new Map<number, Pair>();
  for (const { itemKey, type, value, timestamp } of rows) {
    const weight = interactionWeight(weighting, type, value, timestamp, 0);
    if (!(weight > 0)) continue;
    const pair = pairs.get(itemKey);
    if (!pair)
      pairs.set(itemKey, { weight, newest: timestamp, times: timestamp === null ? [] : [timestamp] });
    else {
      pair.weight = Math.max(pair.weight, weight);
      if (timestamp === null) continue;
      pair.newest = Math.max(pair.newest ?? timestamp, timestamp);
      pair.times.push(timestamp);
    }
  }
  return pairs;
}

/** What has no time does not age. What is from the future is as good as new. */
function decay(time: number | null, newest: number | null, halfLifeDays: number | null): number {
  if (time === null || newest === null || halfLifeDays === null) return 1;
  return 2 ** (-Math.max(0, newest - time) / DAY_MS / halfLifeDays);
}

/**
 * How many standard deviations of a Poisson count the recent users are above those that the item's own past lets
 * expect: (recent - expected) / sqrt(expected + 1), 0 where there is no rise. The one more keeps an item without a past
 * from being infinitely trending (after Hendrickson et al., Trend Detection in Social Data, Twitter 2015,
 * which compares counts with a Poisson background).
 * @param expected users in as many days as are recent
 */
export function trendOf(recent: number, expected: number): number {
  return Math.max(0, (recent - expected) / Math.sqrt(expected + 1));
}
