import { drawOf } from '../core/rng.ts';
import { type Dataset, hashOfPairs } from './build.ts';
import { type Csr, unionRows, widened } from './matrix.ts';
import { repeatsAt } from './newest-rows.ts';
import { type DislikedPairs, dislikedOfItems, type SeenPairs, seenOfItems } from './seen.ts';

/** Items that are not trained on at all, as new ones are not. */
export interface ColdItems {
  /** They are the columns behind those of the data set. */
  ids: string[];
  /** [users, items of the data set and these] their pairs. */
  pairs: Csr;
  /** Their pairs that do not count, of the same shape; where they were read. */
  seen?: SeenPairs;
  disliked?: DislikedPairs;
}

/**
 * Takes a share of the items out of the data set with all their pairs; the others keep their order. Who is drawn follows from
 * the id and the seed alone. All users stay, some perhaps without a pair.
 */
export function holdOutItems(
  dataset: Dataset,
  share: number,
  seed: number,
): { dataset: Dataset; cold?: ColdItems } {
  const isCold = Uint8Array.from(dataset.items, (id) => Number(drawOf(`cold:${id}`, seed) < share));
  if (!isCold.includes(1)) return { dataset };
  const ids = (cold: 0 | 1) => dataset.items.filter((_, item) => isCold[item] === cold);
  const items = ids(0);
  const columns = new Int32Array(dataset.items.length);
  let known = 0;
  let cold = items.length;
  for (let item = 0; item < columns.length; item++) columns[item] = isCold[item] ? cold++ : known++;
  const of = (wanted: 0 | 1) => pairsOf(dataset, (item) => isCold[item] === wanted, columns);
  const kept = { ...dataset, items, ...of(0) };
  kept.matrix = widened(kept.matrix, items.length);
  const seenOf = (wanted: 0 | 1, width: number) => {
    const own = columns.map((column, item) => (isCold[item] === wanted ? column : -1));
    const { seen, disliked } = dataset;
    return {
      ...(seen && { seen: seenOfItems(seen, own, width) }),
      ...(disliked && { disliked: dislikedOfItems(disliked, own, width) }),
    };
  };
  Object.assign(kept, seenOf(0, items.length));
  return {
    dataset: { ...kept, hash: hashOfPairs(kept) },
    cold: { ids: ids(1), pairs: of(1).matrix, ...seenOf(1, columns.length) },
  };
}

/** All items again, the cold ones last. */
export function withColdItems(matrix: Csr, cold: ColdItems | undefined): Csr {
  return cold ? unionRows(widened(matrix, cold.pairs.columns), cold.pairs) : matrix;
}

/** The pairs of some items, in the new columns, which keep their order among these. */
function pairsOf(
  { matrix, firstSeen, arrival, repeats, part }: Dataset,
  isWanted: (item: number) => boolean,
  columns: Int32Array,
): Pick<Dataset, 'matrix' | 'firstSeen' | 'arrival' | 'repeats' | 'part'> {
  const wanted = (_: unknown, p: number) => isWanted(matrix.indices[p]!);
  let n = 0;
  const place = matrix.indices.map((item) => (isWanted(item) ? n++ : -1));
  const indptr = new Int32Array(matrix.rows + 1);
  for (let row = 0; row < matrix.rows; row++) {
    let length = 0;
    for (let p = matrix.indptr[row]!; p < matrix.indptr[row + 1]!; p++)
      length += Number(isWanted(matrix.indices[p]!));
    indptr[row + 1] = indptr[row]! + length;
  }
  return {
    matrix: {
      ...matrix,
      indptr,
      indices: matrix.indices.filter(wanted).map((item) => columns[item]!),
      values: matrix.values.filter(wanted),
      ...(matrix.order && { order: matrix.order.filter(wanted) }),
    },
    firstSeen: firstSeen.filter(wanted),
    ...(arrival && { arrival: arrival.filter(wanted) }),
    ...repeatsAt(repeats, place),
    ...(part && { part: part.filter(wanted) }),
  };
}
