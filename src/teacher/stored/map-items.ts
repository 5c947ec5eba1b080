import { type Csr, multiplyRows, rowLength } from '../../dataset/matrix.ts';

/**
 * One catalogue in terms of another, [new items, old items]: an item that both know is a single 1, a new one the weights of
 * the old items that stand for it (they add up to 1), and an empty row one that nothing is known of, which stands for their mean.
 */
export type ItemMap = Csr;

/** Rows of the old catalogue's items [old, width] for the new one's, [new, width]. */
export function mapRows(map: ItemMap, values: Float32Array, width: number): Float32Array {
  const mapped = new Float32Array(map.rows * width);
  let mean: Float32Array | undefined;
  for (let item = 0; item < map.rows; item++) {
    const row = mapped.subarray(item * width, (item + 1) * width);
    if (rowLength(map, item) === 0) {
      mean ??= meanRow(values, map.columns, width);
      row.set(mean);
    }
    for (let p = map.indptr[item]!; p < map.indptr[item + 1]!; p++) {
      const from = map.indices[p]! * width;
      for (let k = 0; k < width; k++) row[k]! += map.values[p]! * values[from + k]!;
    }
  }
  return mapped;
}

/** The transposed map: what is said of new items [new, width], gathered on the old ones, [old, width]. */
export function gatherRows(map: ItemMap, values: Float32Array, width: number): Float32Array {
  const gathered = new Float32Array(map.columns * width);
  const spread = new Float64Array(width);
  for (let item = 0; item < map.rows; item++) {
    const from = item * width;
    if (rowLength(map, item) === 0) {
      for (let k = 0; k < width; k++) spread[k]! += values[from + k]! / map.columns;
    }
    for (let p = map.indptr[item]!; p < map.indptr[item + 1]!; p++) {
      const to = map.indices[p]! * width;
      for (let k = 0; k < width; k++) gathered[to + k]! += map.values[p]! * values[from + k]!;
    }
  }
  for (let at = 0; at < gathered.length; at++) gathered[at]! += spread[at % width]!;
  return gathered;
}

/** The newest catalogue in terms of the oldest. */
export function composeMaps(newest: ItemMap, older: ItemMap): ItemMap {
  const product = multiplyRows(newest, older);
  // Of the items that stand for a new one, some may be unknown to the oldest.
  for (let item = 0; item < product.rows; item++) {
    const row = product.values.subarray(product.indptr[item]!, product.indptr[item + 1]!);
    const sum = row.reduce((total, x) => total + x, 0);
    for (let p = 0; p < row.length; p++) row[p]! /= sum;
  }
  return product;
}

/** Histories of new items as the old catalogue knows them; items that nothing stands for are left out. */
export function mapHistories(map: ItemMap, histories: Csr): Csr {
  const { rowIds } = histories;
  const mapped = histories.order
    ? mapSequences(map, histories, histories.order)
    : multiplyRows(histories, map);
  return { ...mapped, ...(rowIds && { rowIds }) };
}

/** A sequence has one item at each place: the old one that stands most for a new one, where it was last. */
function mapSequences(map: ItemMap, histories: Csr, order: Int32Array): Csr {
  const indptr = new Int32Array(histories.rows + 1);
  const entries: { item: number; value: number; place: number }[] = [];
  for (let r = 0; r < histories.rows; r++) {
    const row = new Map<number, { item: number; value: number; place: number }>();
    for (let p = histories.indptr[r]!; p < histories.indptr[r + 1]!; p++) {
      const item = mainStandIn(map, histories.indices[p]!);
      const place = order[p]!;
      if (item >= 0 && (row.get(item)?.place ?? -1) < place)
        row.set(item, { item, value: histories.values[p]!, place });
    }
    entries.push(...[...row.values()].sort((a, b) => a.item - b.item));
    indptr[r + 1] = entries.length;
  }
  return {
    rows: histories.rows,
    columns: map.columns,
    indptr,
    indices: Int32Array.from(entries, ({ item }) => item),
    values: Float32Array.from(entries, ({ value }) => value),
    order: Int32Array.from(entries, ({ place }) => place),
  };
}

function mainStandIn(map: ItemMap, item: number): number {
  let best = -1;
  for (let p = map.indptr[item]!; p < map.indptr[item + 1]!; p++)
    if (best < 0 || map.values[p]! > map.values[best]!) best = p;
  return best < 0 ? -1 : map.indices[best]!;
}

function meanRow(values: Float32Array, rows: number, width: number): Float32Array {
  const sums = new Float64Array(width);
  for (let at = 0; at < rows * width; at++) sums[at % width]! += values[at]!;
  return Float32Array.from(sums, (sum) => sum / rows);
}
