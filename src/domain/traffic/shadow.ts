/** Upper ends of latencies grow by this factor, so that a quantile is at most a fifth too high. */
const STEP = 1.2;
/** Microseconds; everything below is in the first. */
const FIRST = 10;
const BUCKETS = 80;

/** Counts of a version that runs along. Counts of several processes may be added. */
export interface ShadowCounts {
  /** Requests that it was asked about, those that waited for their turn in vain, and those that it could not answer. */
  asked: number;
  dropped: number;
  failed: number;
  /** Sum over requests of the share of the shown items that it would have shown, too. */
  overlap: number;
  /** Microseconds of computation (vector and scan) and how many requests took up to so long; of it and of what was shown. */
  own: Latencies;
  live: Latencies;
}

interface Latencies {
  sum: number;
  buckets: number[];
}

const noLatencies = (): Latencies => ({ sum: 0, buckets: [] });
export const noShadowCounts = (): ShadowCounts => ({
  asked: 0,
  dropped: 0,
  failed: 0,
  overlap: 0,
  own: noLatencies(),
  live: noLatencies(),
});

export function addLatency(latencies: Latencies, microseconds: number): void {
  const at = Math.ceil(Math.log(Math.max(microseconds, FIRST) / FIRST) / Math.log(STEP));
  const bucket = Math.min(BUCKETS - 1, at);
  while (latencies.buckets.length <= bucket) latencies.buckets.push(0);
  latencies.buckets[bucket]!++;
  latencies.sum += microseconds;
}

export function addShadowCounts(a: ShadowCounts, b: ShadowCounts): ShadowCounts {
  return {
    asked: a.asked + b.asked,
    dropped: a.dropped + b.dropped,
    failed: a.failed + b.failed,
    overlap: a.overlap + b.overlap,
    own: sumOf(a.own, b.own),
    live: sumOf(a.live, b.live),
  };
}

function sumOf(a: Latencies, b: Latencies): Latencies {
  const length = Math.max(a.buckets.length, b.buckets.length);
  const buckets = Array.from({ length }, (_, i) => (a.buckets[i] ?? 0) + (b.buckets[i] ?? 0));
  return { sum: a.sum + b.sum, buckets };
}

/** Mean, and the 99th percentile as the upper end of its bucket, at most a fifth too high; null of none. */
export function latencyOf({ sum, buckets }: Latencies): { mean: number; p99: number } | null {
  const count = buckets.reduce((total, n) => total + n, 0);
  if (count === 0) return null;
  let below = 0;
  const at = buckets.findIndex((n) => {
    below += n;
    return below >= 0.99 * count;
  });
  return { mean: sum / count, p99: FIRST * STEP ** at };
}

/** Share of the items that were shown that the other list has, too; 1 for an empty list. */
export function overlapOf(shown: readonly string[], other: readonly string[]): number {
  if (shown.length === 0) return 1;
  const there = new Set(other);
  return shown.filter((itemId) => there.has(itemId)).length / shown.length;
}
