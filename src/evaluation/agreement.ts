/** Measures of how much two rankings of the same items agree, from their first places. */

/** Share of one list's items that the other holds too; both have the same length. */
export function overlap(a: Int32Array, b: Int32Array): number {
  if (a.length === 0) return Number.NaN;
  const set = new Set(a);
  let shared = 0;
  for (const item of b) if (set.has(item)) shared++;
  return shared / a.length;
}

/** Weight of each further place; the first ten places carry 86 % of the sum. */
const PERSISTENCE = 0.9;

/**
 * Rank-biased overlap, extrapolated from two lists of equal length as if they went on agreeing as much as at their end
 * (Webber, Moffat & Zobel, TOIS 2010, equation 32): 1 for equal lists, 0 for disjoint ones.
 */
export function rankBiasedOverlap(a: Int32Array, b: Int32Array, p = PERSISTENCE): number {
  const depth = Math.min(a.length, b.length);
  if (depth === 0) return Number.NaN;
  const inA = new Set<number>();
  const inB = new Set<number>();
  let shared = 0;
  let sum = 0;
  let weight = 1;
  for (let d = 0; d < depth; d++) {
    const [x, y] = [a[d]!, b[d]!];
    if (x === y) shared++;
    else shared += Number(inB.has(x)) + Number(inA.has(y));
    inA.add(x);
    inB.add(y);
    sum += (weight * shared) / (d + 1);
    weight *= p;
  }
  return (1 - p) * sum + (shared / depth) * weight;
}

/** More places would cost more than the ranking itself. */
const MAX_COMPARED = 50;

/**
 * Kendall's tau of the order in which another ranker's scores put the items of a list: 1 the same order, -1 the
 * reverse. A pair that the other finds equal counts 0.
 * @param list best first
 */
export function kendallTau(list: Int32Array, scores: Float32Array): number {
  const n = Math.min(list.length, MAX_COMPARED);
  if (n < 2) return Number.NaN;
  let balance = 0;
  for (let i = 0; i < n; i++) {
    const own = scores[list[i]!]!;
    for (let j = i + 1; j < n; j++) {
      const other = scores[list[j]!]!;
      if (own > other) balance++;
      else if (own < other) balance--;
    }
  }
  return (2 * balance) / (n * (n - 1));
}
