import { ageFactor, createJudge } from './meaning.ts';
import type { Installed } from './weighting.ts';

const DAY_MS = 86_400_000;

/** The meaning of popularity in an installation: the same for lists, for fallbacks, and with or without a model. */
export interface PopularityDefinition {
  /** Days in which a user's interest in an item counts half; null: it does not age. */
  halfLifeDays: number | null;
  /** Days that are recent to trending. */
  recentDays: number;
  /** Days before those, which an item is compared with. */
  pastDays: number;
}

/** The half-life is a month: what is liked now says more of now (Ji et al., SIGIR 2020, on time in popularity baselines). */
export const DEFAULT_POPULARITY: PopularityDefinition = {
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

/**
 * @param installed what the types of interactions mean: what is positive, and how much it weighs
 * @param newest the time that ages are counted to, in milliseconds; null where no interaction has a time
 */
export function createPopularityCount(
  { halfLifeDays, recentDays, pastDays }: PopularityDefinition,
  installed: Installed,
  newest: number | null,
): PopularityCount {
  const meanings = new Map<string, ReturnType<Installed>>();
  const items = new Map<number, ItemPopularity>();
  // What comes from the future is as good as new; without any time nothing ages.
  const judge = createJudge({ halfLifeDays, now: newest ?? 0 });
  const recentFrom = newest === null ? Number.POSITIVE_INFINITY : newest - recentDays * DAY_MS;
  const pastFrom = recentFrom - pastDays * DAY_MS;

  function meaningOf(type: string): ReturnType<Installed> {
    if (!meanings.has(type)) meanings.set(type, installed(type));
    return meanings.get(type)!;
  }

  function addPair(itemKey: number, rows: readonly PopularityRow[]): void {
    judge.begin();
    let [isRecent, isPast, most] = [false, false, 0];
    for (const { type, value, timestamp } of rows) {
      const meaning = meaningOf(type);
      judge.hear({ meaning, value, timestamp });
      // Whoever buys a thousand is one user.
      if (meaning?.meaning === 'positive')
        most = Math.max(most, meaning.weight * ageFactor(timestamp, newest ?? 0, halfLifeDays));
      // A user was there at a time at which, by what was said until then, they liked it.
      if (timestamp === null || timestamp <= pastFrom || judge.judgement().word !== 'liked') continue;
      if (timestamp > recentFrom) isRecent = true;
      else isPast = true;
    }
    const { word, weight } = judge.judgement();
    if (word !== 'liked' || !(weight > 0)) return;
    const item = items.get(itemKey) ?? { itemKey, score: 0, users: 0, recent: 0, past: 0, trend: 0 };
    items.set(itemKey, item);
    item.score += Math.min(weight, most);
    item.users++;
    if (isRecent) item.recent++;
    if (isPast) item.past++;
  }

  return {
    add(rows) {
      const pairs = new Map<number, PopularityRow[]>();
      for (const row of rows) {
        const pair = pairs.get(row.itemKey);
        if (pair) pair.push(row);
        else pairs.set(row.itemKey, [row]);
      }
      for (const [itemKey, pair] of pairs) addPair(itemKey, pair);
    },
    result: () =>
      [...items.values()].map((item) => ({
        ...item,
        trend: trendOf(item.recent, item.past * (recentDays / pastDays)),
      })),
  };
}

/**
 * How many standard deviations of a Poisson count the recent users are above those that the item's own past lets
 * expect: (recent - expected) / sqrt(expected + 1), 0 where there is no rise. The one more keeps an item without a past
 * from being infinitely trending (after Hendrickson et al., Trend Detection in Social Data, Twitter 2015,
 * which compares counts with a Poisson background).
 * @param expected users in as many days as are recent
 */
function trendOf(recent: number, expected: number): number {
  return Math.max(0, (recent - expected) / Math.sqrt(expected + 1));
}
