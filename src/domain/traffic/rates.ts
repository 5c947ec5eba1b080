/** Counts of what one user did with recommendations, or one recommendation of which no user is known. */
export interface Cluster {
  served: number;
  clicked: number;
  conversions: number;
  revenue: number;
}

/** A ratio over recommendations, with its 95 % interval by users. */
export interface Rate {
  value: number | null;
  /** Null for fewer than two users. */
  low: number | null;
  high: number | null;
}

export const LEVEL = 0.95;
/** Its quantile of the normal distribution, two-sided. */
const Z = 1.959964;

/**
 * Share or amount per recommendation. The interval takes users as the units, since what one user does is not independent: the ratio
 * of two sums, by the delta method (linearization; Deng, Knoblich, Lu: Applying the Delta Method in Metric Analytics, KDD 2018,
 * section 3).
 */
export function rateOf(clusters: readonly Cluster[], what: 'clicked' | 'conversions' | 'revenue'): Rate {
  let served = 0;
  let sum = 0;
  for (const cluster of clusters) {
    served += cluster.served;
    sum += cluster[what];
  }
  if (served === 0) return { value: null, low: null, high: null };
  const value = sum / served;
  const n = clusters.length;
  if (n < 2) return { value, low: null, high: null };
  let squares = 0;
  for (const cluster of clusters) squares += (cluster[what] - value * cluster.served) ** 2;
  const half = (Z * Math.sqrt((squares * n) / (n - 1))) / served;
  const [least, most] = what === 'clicked' ? [0, 1] : [Number.NEGATIVE_INFINITY, Number.POSITIVE_INFINITY];
  return { value, low: Math.max(least, value - half), high: Math.min(most, value + half) };
}
