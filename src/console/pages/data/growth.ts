import type { Growth } from '../../../domain/data/stats.ts';

const DAY = 86_400;

export interface GrowthSeries {
  /** Beginnings of the bins, in seconds since 1970. */
  times: number[];
  counts: number[];
  /** Interactions up to and with each bin; those without a time are not among them. */
  totals: number[];
}

/** The bins with those between them that are empty, which the API leaves out. */
export function growthSeries({ unit, bins }: Growth): GrowthSeries {
  const counted = new Map(bins.map(({ from, count }) => [Date.parse(from) / 1000, count]));
  const series: GrowthSeries = { times: [], counts: [], totals: [] };
  const known = [...counted.keys()];
  let total = 0;
  for (let time = known[0]; time !== undefined && time <= known.at(-1)!; time = next(time, unit)) {
    const count = counted.get(time) ?? 0;
    total += count;
    series.times.push(time);
    series.counts.push(count);
    series.totals.push(total);
  }
  return series;
}

function next(time: number, unit: Growth['unit']): number {
  if (unit === 'day') return time + DAY;
  if (unit === 'week') return time + 7 * DAY;
  const date = new Date(time * 1000);
  if (unit === 'month') date.setUTCMonth(date.getUTCMonth() + 1);
  else date.setUTCFullYear(date.getUTCFullYear() + 1);
  return date.getTime() / 1000;
}
