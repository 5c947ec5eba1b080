import type { Rng } from '../core/rng.ts';
import type { Measured } from '../domain/reports/measured.ts';

const REPLICATES = 1000;
/** More users than this are resampled in random groups: the interval is the same, the work is bounded. */
const MAX_GROUPS = 2000;

/** Users' values summed by resampling group, so that one replicate costs one pass over the groups. */
export interface Resampling {
  groups: number;
  groupOf: Int32Array;
  /** [REPLICATES][groups] how often each group is drawn. */
  draws: Uint8Array[];
}

/** One set of draws for all metrics and rankers: differences and ratios are paired. */
export function createResampling(users: number, rng: Rng): Resampling {
  const groups = Math.min(users, MAX_GROUPS);
  const order = rng.shuffle(Int32Array.from({ length: users }, (_, i) => i));
  const groupOf = new Int32Array(users);
  for (let i = 0; i < users; i++) groupOf[order[i]!] = i % groups;
  const draws = Array.from({ length: REPLICATES }, () => {
    const counts = new Uint8Array(groups);
    for (let i = 0; i < groups; i++) counts[rng.int(groups)]!++;
    return counts;
  });
  return { groups, groupOf, draws };
}

/** Mean over users with its 95 % percentile interval (Efron 1979). Users with NaN are left out. */
export function meanWithInterval(values: Float64Array, resampling: Resampling): Measured {
  return statistic([values], resampling, ([mean]) => mean!);
}

/**
 * A statistic of several means over the same users, such as a ratio, with its paired interval.
 * @param columns per-user values; a user counts where all of them are numbers
 * @param of may answer NaN, as for a share of nothing; such replicates are left out
 */
export function statistic(
  columns: Float64Array[],
  resampling: Resampling,
  of: (means: number[]) => number,
): Measured {
  const { groups, groupOf, draws } = resampling;
  const count = new Float64Array(groups);
  const sums = columns.map(() => new Float64Array(groups));
  for (let u = 0; u < groupOf.length; u++) {
    if (columns.some((column) => Number.isNaN(column[u]!))) continue;
    const g = groupOf[u]!;
    count[g]!++;
    for (let c = 0; c < columns.length; c++) sums[c]![g]! += columns[c]![u]!;
  }
  const means = (weight: (g: number) => number) => {
    let n = 0;
    const total = new Array<number>(columns.length).fill(0);
    for (let g = 0; g < groups; g++) {
      const w = weight(g);
      if (w === 0) continue;
      n += w * count[g]!;
      for (let c = 0; c < columns.length; c++) total[c]! += w * sums[c]![g]!;
    }
    return total.map((sum) => (n === 0 ? 0 : sum / n));
  };
  const value = of(means(() => 1));
  const replicates = Float64Array.from(draws, (draw) => of(means((g) => draw[g]!)))
    .filter((x) => !Number.isNaN(x))
    .sort();
  if (replicates.length === 0) return { value, low: value, high: value };
  return {
    value,
    low: replicates[Math.floor(0.025 * replicates.length)]!,
    high: replicates[Math.ceil(0.975 * replicates.length) - 1]!,
  };
}
