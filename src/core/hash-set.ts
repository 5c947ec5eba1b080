/** Hashes are cut to so many bits: of 5 million of them one other in 200,000 is taken for one of them. */
export const HASH_BITS = 40;

const CUT = 2 ** (53 - HASH_BITS);

/** A set of hashes of core/id-hash.ts, cut to 40 bits. It never says no of a member. */
export interface HashSet {
  /** Ascending, all different. */
  readonly hashes: Float64Array;
}

export const EMPTY_SET: HashSet = { hashes: new Float64Array(0) };

/** @param hashes of 53 bits, in any order */
export function hashSetOf(hashes: Float64Array): HashSet {
  const cut = hashes.map(cutOf).sort();
  return { hashes: cut.filter((hash, i) => i === 0 || hash !== cut[i - 1]) };
}

/** @param hash of 53 bits */
export function includesHash({ hashes }: HashSet, hash: number): boolean {
  const wanted = cutOf(hash);
  let from = 0;
  let to = hashes.length;
  while (from < to) {
    const middle = (from + to) >>> 1;
    if (hashes[middle]! < wanted) from = middle + 1;
    else to = middle;
  }
  return hashes[from] === wanted;
}

export function unionOfSets(a: HashSet, b: HashSet): HashSet {
  const merged = new Float64Array(a.hashes.length + b.hashes.length);
  let [i, j, n] = [0, 0, 0];
  while (i < a.hashes.length || j < b.hashes.length) {
    const [left, right] = [a.hashes[i] ?? Number.POSITIVE_INFINITY, b.hashes[j] ?? Number.POSITIVE_INFINITY];
    merged[n++] = Math.min(left, right);
    if (left <= right) i++;
    if (right <= left) j++;
  }
  return { hashes: merged.slice(0, n) };
}

/** The members of `a` that `b` does not have. */
export function differenceOfSets(a: HashSet, b: HashSet): HashSet {
  let j = 0;
  return {
    hashes: a.hashes.filter((hash) => {
      while (j < b.hashes.length && b.hashes[j]! < hash) j++;
      return b.hashes[j] !== hash;
    }),
  };
}

function cutOf(hash: number): number {
  return Math.floor(hash / CUT);
}
