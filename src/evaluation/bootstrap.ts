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
  /** [REPLICATES][seeds] how often each seed is drawn; with one seed there is nothing to draw. */
  seedDraws: Uint8Array[];
}

/** Values that are not resampled: statistics of them have no interval. */
export const SINGLE: Resampling = { groups: 1, groupOf: new Int32Array(0), draws: [], seedDraws: [] };

/**
 * One set of draws for all metrics and rankers: differences and ratios are paired. With several seeds of training, users and
 * seeds are drawn, each with replacement: the interval is then that of another training on other users. Of S seeds S - 1 are
 * drawn, since S out of few would understate their variance by (S - 1) / S (Rao & Wu, JASA 1988, section 2: m = n - 1).
 *
 * @param seeds how often models were trained
 */
export function createResampling(users: number, rng: Rng, seeds = 1): Resampling {
  const groups = Math.min(users, MAX_GROUPS);
  const order = rng.shuffle(Int32Array.from({ length: users }, (_, i) => i));
  const groupOf = new Int32Array(users);
  for (let i = 0; i < users; i++) groupOf[order[i]!] = i % groups;
  const drawn = (some: number, of: number) => {
    const counts = new Uint8Array(of);
    for (let i = 0; i < some; i++) counts[rng.int(of)]!++;
    return counts;
  };
  const draws = Array.from({ length: REPLICATES }, () => drawn(groups, groups));
  const seedDraws = seeds > 1 ? draws.map(() => drawn(seeds - 1, seeds)) : [];
  return { groups, groupOf, draws, seedDraws };
}

/** Mean over users with its 95 % percentile interval (Efron 1979). Users with NaN are left out. */
export function meanWithInterval(values: Float64Array, resampling: Resampling): Measured {
  return statistic([values], resampling, ([mean]) => mean!);
}

/**
 * A statistic of several means over the same users, such as a ratio, with its paired interval.
 * @param columns per-user values, [users], or [seeds * users] seed by seed, whose mean over the seeds counts; a user counts where
 *   all of them are numbers
 * @param of may answer NaN, as for a share of nothing; such replicates are left out
 */
export function statistic(
  columns: Float64Array[],
  resampling: Resampling,
  of: (means: number[]) => number,
): Measured {
  const { groups, groupOf, draws, seedDraws } = resampling;
  const users = groupOf.length || columns[0]!.length;
  const seedsOf = columns.map((column) => (users === 0 ? 1 : column.length / users));
  const count = new Float64Array(groups);
  const sums = seedsOf.map((seeds) => new Float64Array(seeds * groups));
  for (let u = 0; u < users; u++) {
    if (columns.some((column) => isMissing(column, u, users))) continue;
    const g = groupOf[u] ?? 0;
    count[g]!++;
    for (let c = 0; c < columns.length; c++)
      for (let s = 0; s < seedsOf[c]!; s++) sums[c]![s * groups + g]! += columns[c]![s * users + u]!;
  }
  const means = (weight: (g: number) => number, seedWeights?: Uint8Array) => {
    let n = 0;
    const total = seedsOf.map((seeds) => new Float64Array(seeds));
    for (let g = 0; g < groups; g++) {
      const w = weight(g);
      if (w === 0) continue;
      n += w * count[g]!;
      for (let c = 0; c < columns.length; c++)
        for (let s = 0; s < seedsOf[c]!; s++) total[c]![s]! += w * sums[c]![s * groups + g]!;
    }
    return total.map((sum) => (n === 0 ? 0 : meanOf(sum, seedWeights) / n));
  };
  const value = of(means(() => 1));
  const replicates = Float64Array.from(draws, (draw, i) => of(means((g) => draw[g]!, seedDraws[i])))
    .filter((x) => !Number.isNaN(x))
    .sort();
  if (replicates.length === 0) return { value, low: value, high: value };
  return {
    value,
    low: replicates[Math.floor(0.025 * replicates.length)]!,
    high: replicates[Math.ceil(0.975 * replicates.length) - 1]!,
  };
}

function isMissing(column: Float64Array, user: number, users: number): boolean {
  for (let at = user; at < column.length; at += users) if (Number.isNaN(column[at]!)) return true;
  return false;
}

/** @param weights one per value, for several; without them all count alike */
function meanOf(values: Float64Array, weights?: Uint8Array): number {
  if (values.length === 1) return values[0]!;
  let [sum, all] = [0, 0];
  for (let s = 0; s < values.length; s++) {
    const weight = weights ? weights[s]! : 1;
    sum += weight * values[s]!;
    all += weight;
  }
  return sum / all;
}

/** Says in words how intervals were made; reports quote it. @param who what is resampled */
export function intervalInWords(seeds: number, who = 'users'): string {
  const drawn =
    seeds > 1 ? `${who} and over ${seeds} seeds of training, of which ${seeds - 1} are drawn` : who;
  return `95 %, percentile bootstrap over ${drawn}, 1,000 replicates; comparisons are paired`;
}
