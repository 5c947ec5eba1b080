/** One reading of a figure. */
export interface Reading {
  seconds: number;
  value: number;
}

/**
 * Growth per hour, robust against single peaks: the median of the slopes of pairs of readings (Theil-Sen estimator).
 * @returns 0 for fewer than two readings
 */
export function growthPerHour(readings: readonly Reading[]): number {
  const slopes: number[] = [];
  for (const [i, from] of readings.entries())
    for (const to of readings.slice(i + 1))
      if (to.seconds > from.seconds) slopes.push((to.value - from.value) / (to.seconds - from.seconds));
  return median(slopes) * 3600;
}

/** @returns 0 for none */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted.length >> 1;
  if (sorted.length === 0) return 0;
  return sorted.length % 2 ? sorted[middle]! : (sorted[middle - 1]! + sorted[middle]!) / 2;
}
