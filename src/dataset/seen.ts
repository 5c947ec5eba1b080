import type { Csr } from './matrix.ts';
import type { DenseIds, RowColumns } from './row-columns.ts';

/**
 * Pairs that a user had and that do not count: ratings below the threshold, types of weight 0, interactions that the job's
 * filter leaves out. No pair of the data set's matrix is among them.
 */
export interface SeenPairs {
  /** [users, items] over the users and items of the data set; the values mean nothing. */
  pairs: Csr;
  /** [nnz] milliseconds of the first such interaction; -Infinity where it has no time, and so is always known. */
  since: Float64Array;
}

/** Pairs of which the user said last that they dislike the item. No pair of the data set's matrix is among them. */
export interface DislikedPairs {
  /** [users, items] weight of each dislike. */
  pairs: Csr;
  /** [nnz] milliseconds of the dislike; -Infinity where it has no time. */
  since: Float64Array;
  /** [nnz] how much each moves the vector of its user; 0 for low ratings. */
  moves: Float32Array;
}

/** Pairs and items that /recommend leaves out of a list beside the pairs that count. */
export interface Unlisted {
  seen?: SeenPairs;
  /** Pairs that are disliked, all of them seen too. */
  disliked?: DislikedPairs;
  /** Rows of items that nobody is shown: hidden, not available yet or no longer, or hidden by a rule. */
  hidden?: Int32Array;
}

/**
 * The pairs of rows that do not count.
 * @param users dense ids of the keys, and the ids of the data set in its order; likewise for items
 * @param matrix pairs that count
 * @param rows with a weight, where they have one; the values are then that of the row that came first
 */
export function seenPairs(
  { length, userKey, itemKey, timestamp, weight }: RowColumns & { weight?: Float32Array },
  users: { keys: DenseIds; ids: readonly string[] },
  items: { keys: DenseIds; ids: readonly string[] },
  matrix: Csr,
): SeenPairs {
  const userOf = rowsOfKeys(users.keys, users.ids);
  const itemOf = rowsOfKeys(items.keys, items.ids);
  const isPart = (i: number) => (userOf[userKey[i]!] ?? -1) >= 0 && (itemOf[itemKey[i]!] ?? -1) >= 0;
  const start = new Int32Array(users.ids.length + 1);
  for (let i = 0; i < length; i++) if (isPart(i)) start[userOf[userKey[i]!]! + 1]!++;
  for (let u = 0; u < users.ids.length; u++) start[u + 1]! += start[u]!;
  const order = new Int32Array(start[users.ids.length]!);
  const cursor = start.slice();
  for (let i = 0; i < length; i++) if (isPart(i)) order[cursor[userOf[userKey[i]!]!]!++] = i;

  const indptr = new Int32Array(users.ids.length + 1);
  const indices = new Int32Array(order.length);
  const since = new Float64Array(order.length);
  const values = new Float32Array(order.length);
  let n = 0;
  for (let u = 0; u < users.ids.length; u++) {
    const rows = order.subarray(start[u]!, start[u + 1]!);
    rows.sort((a, b) => itemOf[itemKey[a]!]! - itemOf[itemKey[b]!]!);
    let p = matrix.indptr[u]!;
    const end = matrix.indptr[u + 1]!;
    for (const row of rows) {
      const item = itemOf[itemKey[row]!]!;
      while (p < end && matrix.indices[p]! < item) p++;
      if (p < end && matrix.indices[p] === item) continue;
      const time = Number.isNaN(timestamp[row]!) ? Number.NEGATIVE_INFINITY : timestamp[row]!;
      if (n > indptr[u]! && indices[n - 1] === item) {
        since[n - 1] = Math.min(since[n - 1]!, time);
        continue;
      }
      indices[n] = item;
      if (weight) values[n] = weight[row]!;
      since[n++] = time;
    }
    indptr[u + 1] = n;
  }
  const pairs = {
    rows: users.ids.length,
    columns: items.ids.length,
    indptr,
    indices: indices.slice(0, n),
    values: values.slice(0, n),
  };
  return { pairs, since: since.slice(0, n) };
}

/** key -> row of the data set, -1 for what is not in it: a filter of the pairs may have taken it out. */
function rowsOfKeys({ ids: all, dense }: DenseIds, ids: readonly string[]): Int32Array {
  if (all.length === ids.length) return dense;
  const rows = new Map(ids.map((id, row) => [id, row]));
  return dense.map((at) => (at < 0 ? -1 : (rows.get(all[at]!) ?? -1)));
}

/**
 * Those that are known by a moment of each user.
 * @param until [users] milliseconds, not included; all of them without it
 */
export function seenBefore({ pairs, since }: SeenPairs, until?: Float64Array): Csr {
  if (!until) return pairs;
  const indptr = new Int32Array(pairs.rows + 1);
  const kept = new Int32Array(pairs.indices.length);
  let n = 0;
  for (let u = 0; u < pairs.rows; u++) {
    for (let p = pairs.indptr[u]!; p < pairs.indptr[u + 1]!; p++) if (since[p]! < until[u]!) kept[n++] = p;
    indptr[u + 1] = n;
  }
  const positions = kept.subarray(0, n);
  const values = Float32Array.from(positions, (p) => pairs.values[p]!);
  return { ...pairs, indptr, indices: positions.map((p) => pairs.indices[p]!), values };
}

/** Those of some of the items. @param columns @param width as for seenOfItems */
export function dislikedOfItems(
  { pairs, since, moves }: DislikedPairs,
  columns: Int32Array,
  width: number,
): DislikedPairs {
  const moving = seenOfItems({ pairs: { ...pairs, values: moves }, since }, columns, width);
  return { ...seenOfItems({ pairs, since }, columns, width), moves: moving.pairs.values };
}

/** The pairs of some of the items. @param columns [items] the new column of each, in their order; -1 for those that go */
export function seenOfItems({ pairs, since }: SeenPairs, columns: Int32Array, width: number): SeenPairs {
  const indptr = new Int32Array(pairs.rows + 1);
  const kept = new Int32Array(pairs.indices.length);
  let n = 0;
  for (let u = 0; u < pairs.rows; u++) {
    for (let p = pairs.indptr[u]!; p < pairs.indptr[u + 1]!; p++)
      if (columns[pairs.indices[p]!]! >= 0) kept[n++] = p;
    indptr[u + 1] = n;
  }
  const positions = kept.subarray(0, n);
  return {
    pairs: {
      rows: pairs.rows,
      columns: width,
      indptr,
      indices: positions.map((p) => columns[pairs.indices[p]!]!),
      values: Float32Array.from(positions, (p) => pairs.values[p]!),
    },
    since: Float64Array.from(positions, (p) => since[p]!),
  };
}
