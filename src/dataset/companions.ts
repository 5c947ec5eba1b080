import { type Csr, transpose } from './matrix.ts';

/**
 * [items, items] what each item is taken together with: the sum over its users of their other items, each history in equal
 * shares, so that who takes everything says little. Of each row those `most` stay that speak loudest in behaviourBag: the most
 * popular would be nearly the same for all.
 *
 * @param histories [users, items], @param takers [items] users of each
 */
export function companionsOf(histories: Csr, takers: Float32Array, most: number): Csr {
  const users = transpose(histories);
  const items = histories.columns;
  const sums = new Float64Array(items);
  const indptr = new Int32Array(items + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let item = 0; item < items; item++) {
    const found: number[] = [];
    for (let t = users.indptr[item]!; t < users.indptr[item + 1]!; t++)
      addHistory(histories, users.indices[t]!, item, sums, found);
    const kept = loudest(found, (other) => sums[other]!, takers, most);
    for (const other of kept) {
      indices.push(other);
      values.push(sums[other]!);
    }
    for (const other of found) sums[other] = 0;
    indptr[item + 1] = indices.length;
  }
  return {
    rows: items,
    columns: items,
    indptr,
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
  };
}

/** @param found items whose sum was 0 are appended */
function addHistory(histories: Csr, user: number, item: number, sums: Float64Array, found: number[]): void {
  const [from, to] = [histories.indptr[user]!, histories.indptr[user + 1]!];
  for (let p = from; p < to; p++) {
    const other = histories.indices[p]!;
    if (other === item) continue;
    if (sums[other] === 0) found.push(other);
    sums[other]! += 1 / (to - from);
  }
}

/** Ascending; of equal ones the lower stay. */
export function loudest(
  items: number[],
  weightOf: (item: number) => number,
  takers: Float32Array,
  most: number,
): number[] {
  const loudness = (item: number) => weightOf(item) / Math.sqrt(takers[item]! + 1);
  if (items.length > most) items.sort((a, b) => loudness(b) - loudness(a) || a - b);
  return items.slice(0, most).sort((a, b) => a - b);
}

/**
 * Items as they speak for a label: the weight of each by the root of how many have it, the row then of length 1. What everybody
 * takes tells no labels apart.
 *
 * @param rows distinct items, @param weights one per row; both in place of each other's order
 * @param takers [items] users of each item in training
 */
export function behaviourBag(
  rows: ArrayLike<number>,
  weights: ArrayLike<number>,
  takers: Float32Array,
): Float32Array {
  const bag = Float32Array.from(weights as ArrayLike<number>, (w, i) => w / Math.sqrt(takers[rows[i]!]! + 1));
  const length = Math.hypot(...bag);
  return length > 0 ? bag.map((w) => w / length) : bag;
}

/** Bags of behaviour of every row. */
export function behaviourBags(matrix: Csr, takers: Float32Array): Csr {
  const values = new Float32Array(matrix.values.length);
  for (let r = 0; r < matrix.rows; r++) {
    const [from, to] = [matrix.indptr[r]!, matrix.indptr[r + 1]!];
    values.set(
      behaviourBag(matrix.indices.subarray(from, to), matrix.values.subarray(from, to), takers),
      from,
    );
  }
  return { ...matrix, values };
}
