import type { TrainingSource } from '../domain/data/interaction-source.ts';
import type { Distribution, InteractionStats } from '../domain/data/stats.ts';
import { createGrowth } from './growth.ts';

/** Rows per turn of the event loop: this also runs in the api process, which must go on answering. */
const CHUNK = 2048;

/**
 * Counts and histograms that a person looks at before training, from one pass. It keeps one counter per user,
 * item, type and day, never a row.
 */
export async function describeInteractions(
  source: Pick<TrainingSource, 'interactions' | 'dictionary'>,
): Promise<InteractionStats> {
  const perUser = createCounters();
  const perItem = createCounters();
  const perType = createCounters();
  const growth = createGrowth();
  let total = 0;
  let withoutTimestamp = 0;
  let first = Number.POSITIVE_INFINITY;
  let last = Number.NEGATIVE_INFINITY;
  for await (const chunk of source.interactions({ chunkRows: CHUNK })) {
    total += chunk.length;
    for (let i = 0; i < chunk.length; i++) {
      perUser.add(chunk.userKey[i]!);
      perItem.add(chunk.itemKey[i]!);
      perType.add(chunk.typeKey[i]!);
      const time = chunk.timestamp[i]!;
      if (Number.isNaN(time)) withoutTimestamp++;
      else {
        if (time < first) first = time;
        if (time > last) last = time;
        growth.add(time);
      }
    }
  }
  const names = await source.dictionary('types');
  const historyLength = distributionOf(perUser.counts());
  const itemPopularity = distributionOf(perItem.counts());
  const cells = historyLength.count * itemPopularity.count;
  return {
    interactions: {
      total,
      byType: Object.fromEntries([...perType.entries()].map(([key, n]) => [names.get(key) ?? '', n])),
      withoutTimestamp,
      first: iso(first),
      last: iso(last),
      growth: growth.bins(),
    },
    users: historyLength.count,
    items: itemPopularity.count,
    density: cells === 0 ? 0 : total / cells,
    historyLength,
    itemPopularity,
    topItemsShare: topShares(perItem.counts(), total),
    cold: {
      usersBelow5: below(perUser.counts(), 5),
      itemsBelow5: below(perItem.counts(), 5),
    },
  };
}

/** Counts by positive integer keys that are dense, as the keys of a source are. */
function createCounters() {
  let counts = new Uint32Array(1024);
  return {
    add(key: number): void {
      if (key >= counts.length) {
        const larger = new Uint32Array(Math.max(key + 1, counts.length * 2));
        larger.set(counts);
        counts = larger;
      }
      counts[key]!++;
    },
    counts: () => counts.filter((n) => n > 0),
    *entries(): Generator<[key: number, count: number]> {
      for (const [key, n] of counts.entries()) if (n > 0) yield [key, n];
    },
  };
}

/** @param counts all above 0, in any order */
export function distributionOf(counts: Uint32Array): Distribution {
  const sorted = counts.slice().sort();
  const count = sorted.length;
  const sum = sorted.reduce((total, n) => total + n, 0);
  // The nearest-rank percentile: an actual value, the same for every engine.
  const at = (share: number) => (count === 0 ? 0 : sorted[Math.max(0, Math.ceil(share * count) - 1)]!);
  return {
    count,
    mean: count === 0 ? 0 : sum / count,
    median: at(0.5),
    p90: at(0.9),
    p99: at(0.99),
    max: at(1),
    histogram: histogramOf(sorted),
  };
}

/** Bins that double: 1, 2-3, 4-7, 8-15, ... up to the greatest count; empty bins in between are there. */
function histogramOf(sorted: Uint32Array): Distribution['histogram'] {
  const bins: Distribution['histogram'] = [];
  let i = 0;
  for (let from = 1; i < sorted.length; from *= 2) {
    const to = from * 2 - 1;
    const start = i;
    while (i < sorted.length && sorted[i]! <= to) i++;
    bins.push({ from, to, count: i - start });
  }
  return bins;
}

/** Share of all interactions that fall on the most popular 1, 10 and 20 % of the items (at least one item). */
function topShares(counts: Uint32Array, total: number): InteractionStats['topItemsShare'] {
  const sorted = counts.sort().reverse();
  const share = (part: number) => {
    if (total === 0) return 0;
    const items = Math.max(1, Math.round(part * sorted.length));
    return sorted.subarray(0, items).reduce((sum, n) => sum + n, 0) / total;
  };
  return { '1%': share(0.01), '10%': share(0.1), '20%': share(0.2) };
}

function below(counts: Uint32Array, limit: number) {
  const number = counts.reduce((sum, n) => sum + (n < limit ? 1 : 0), 0);
  return { count: number, share: counts.length === 0 ? 0 : number / counts.length };
}

function iso(time: number): string | null {
  return Number.isFinite(time) ? new Date(time).toISOString() : null;
}
