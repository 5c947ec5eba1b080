import type { Rng } from '../core/rng.ts';
import type { Measured } from '../domain/reports/measured.ts';

const REPLICATES = 1000;
/** More users than this are resampled in random groups: the interval is the same, the work is bounded. */
const MAX_GROUPS = 2000;

/** How users are drawn again, the same for everything that is compared. */
export interface Resampling {
  groups: number;
  groupOf: Int32Array;
  /** The sample itself, which is the first, and those that are drawn. */
  samples: number;
  /** [groups, samples] how often each group is in each sample. */
  draws: Uint8Array;
  /** [samples][seeds] how often each seed is in it; with one seed there is nothing to draw. */
  seedDraws: Uint8Array[];
  /** Means of the columns that were asked for before, as a comparison asks for those of two models again: these do not change. */
  known: WeakMap<Float64Array, Float64Array>;
  /** Key among them of the numbers of users in the samples. */
  ofAll: Float64Array;
}

/** Values that are not resampled: statistics of them have no interval. Others of other users need one of their own, since it keeps their number. */
export const withoutResampling = (): Resampling => ({
  groups: 1,
  groupOf: new Int32Array(0),
  samples: 1,
  draws: new Uint8Array([1]),
  seedDraws: [],
  known: new WeakMap(),
  ofAll: new Float64Array(0),
});

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
  const samples = 1 + REPLICATES;
  const draws = new Uint8Array(groups * samples);
  for (let g = 0; g < groups; g++) draws[g * samples] = 1;
  for (let sample = 1; sample < samples; sample++)
    for (let i = 0; i < groups; i++) draws[rng.int(groups) * samples + sample]!++;
  const seedsOf = (sample: number) => {
    if (sample === 0) return new Uint8Array(seeds).fill(1);
    const counts = new Uint8Array(seeds);
    for (let i = 1; i < seeds; i++) counts[rng.int(seeds)]!++;
    return counts;
  };
  const seedDraws = seeds > 1 ? Array.from({ length: samples }, (_, sample) => seedsOf(sample)) : [];
  return { groups, groupOf, samples, draws, seedDraws, known: new WeakMap(), ofAll: new Float64Array(0) };
}

/** Mean over users with its 95 % percentile interval (Efron 1979). Users with NaN are left out. */
export function meanWithInterval(values: Float64Array, resampling: Resampling): Measured {
  return statistic([values], resampling, ([mean]) => mean!);
}

/**
 * A statistic of several means over the same users, such as a ratio, with its paired interval.
 * @param columns per-user values, [users], or [seeds * users] seed by seed, whose mean over the seeds counts; a user counts where
 *   all of them are numbers
 * @param of may answer NaN, as for a share of nothing; such replicates are left out. It must not keep the list
 */
export function statistic(
  columns: Float64Array[],
  resampling: Resampling,
  of: (means: number[]) => number,
): Measured {
  const users = resampling.groupOf.length || columns[0]!.length;
  const missing = missingUsers(columns, users);
  const all = columns.map((column) => {
    if (missing) return meansOf(column, users, missing, resampling);
    const known = resampling.known.get(column) ?? meansOf(column, users, null, resampling);
    resampling.known.set(column, known);
    return known;
  });
  // Plain loops: a report asks for hundreds of intervals, each of a thousand samples.
  const replicates = new Float64Array(resampling.samples - 1);
  const means = all.map((column) => column[0]!);
  const value = of(means);
  let found = 0;
  for (let sample = 1; sample <= replicates.length; sample++) {
    for (let c = 0; c < all.length; c++) means[c] = all[c]![sample]!;
    const replicate = of(means);
    if (!Number.isNaN(replicate)) replicates[found++] = replicate;
  }
  return withInterval(value, replicates.subarray(0, found).sort());
}

/** @param replicates in ascending order */
function withInterval(value: number, replicates: Float64Array): Measured {
  if (replicates.length === 0) return { value, low: value, high: value };
  return {
    value,
    low: replicates[Math.floor(0.025 * replicates.length)]!,
    high: replicates[Math.ceil(0.975 * replicates.length) - 1]!,
  };
}

/** [users] 1 where any of the columns is NaN, with any seed; null where none is. */
function missingUsers(columns: readonly Float64Array[], users: number): Uint8Array | null {
  let missing: Uint8Array | null = null;
  for (const column of columns) {
    for (let at = 0; at < column.length; at++) {
      if (!Number.isNaN(column[at]!)) continue;
      missing ??= new Uint8Array(users);
      missing[at % users] = 1;
    }
  }
  return missing;
}

/** [samples] means of a column over the users that are not missing, in each sample; 0 in one without users. */
function meansOf(
  column: Float64Array,
  users: number,
  missing: Uint8Array | null,
  resampling: Resampling,
): Float64Array {
  const { groups, groupOf, samples, seedDraws } = resampling;
  const seeds = users === 0 ? 1 : column.length / users;
  const count = new Float64Array(groups);
  const sums = Array.from({ length: seeds }, () => new Float64Array(groups));
  for (let u = 0; u < users; u++) {
    if (missing?.[u]) continue;
    const g = groupOf[u] ?? 0;
    count[g]!++;
    for (let s = 0; s < seeds; s++) sums[s]![g]! += column[s * users + u]!;
  }
  const counts = missing ? totalsOf(count, resampling) : countsOf(count, resampling);
  const totals = sums.map((sum) => totalsOf(sum, resampling));
  const total = new Float64Array(seeds);
  const means = new Float64Array(samples);
  for (let sample = 0; sample < samples; sample++) {
    const n = counts[sample]!;
    for (let s = 0; s < seeds; s++) total[s] = totals[s]![sample]!;
    if (n > 0) means[sample] = meanOf(total, seedDraws[sample]) / n;
  }
  return means;
}

/** [samples] users in each sample, where none is missing; all columns share them. */
function countsOf(count: Float64Array, resampling: Resampling): Float64Array {
  const known = resampling.known.get(resampling.ofAll);
  if (known) return known;
  const counts = totalsOf(count, resampling);
  resampling.known.set(resampling.ofAll, counts);
  return counts;
}

/** [samples] sum of the groups' sums in each sample. Group by group: the samples do not wait for one another. */
function totalsOf(sums: Float64Array, { samples, draws }: Resampling): Float64Array {
  const totals = new Float64Array(samples);
  for (let g = 0; g < sums.length; g++) {
    const sum = sums[g]!;
    if (sum === 0) continue;
    const from = g * samples;
    if (Number.isFinite(sum)) for (let i = 0; i < samples; i++) totals[i]! += draws[from + i]! * sum;
    // 0 * Infinity would be NaN in samples without the group.
    else for (let i = 0; i < samples; i++) if (draws[from + i]! > 0) totals[i] = totals[i]! + sum;
  }
  return totals;
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
