import { type Csr, emptyCsr, rowLength, transpose } from './matrix.ts';

/** Items that a model has learned nothing of yet, as part of a catalogue. */
export interface NewItems {
  /** Their rows, ascending. */
  rows: Int32Array;
  /**
   * [items, items that the model has rows for] the catalogue in terms of what was learned, for `mapRows`: a known item is a single
   * 1, a new one the weights of the known items that stand for it at first (they add up to 1; none where nothing is near it).
   */
  map: Csr;
}

/** For a model whose rows stay what they were; its map is not asked for. */
export const NO_NEW_ITEMS: NewItems = { rows: new Int32Array(0), map: emptyCsr(0, 0) };

/** The known items that stand for a new one. */
const NEAREST = 20;

/**
 * Finds the items without a learned pair. For each stand the known items that the same users have, by their cosine similarity
 * over users.
 * @param all [users, items] all pairs that there are now; new items without a row of their own come last
 * @param learned [items of the model] weight of each item in what it learned from
 */
export function findNewItems(all: Csr, learned: Float32Array): NewItems {
  const known = Uint8Array.from(learned, (weight) => Number(weight > 0));
  const counts = new Int32Array(all.columns);
  for (const item of all.indices) counts[item]!++;
  const users = transpose(all);
  const rows: number[] = [];
  const indptr = new Int32Array(all.columns + 1);
  const indices: number[] = [];
  const values: number[] = [];
  for (let item = 0; item < all.columns; item++) {
    // An item that nobody ever had stays as training left it.
    if (item < learned.length && (known[item] === 1 || counts[item] === 0)) {
      indices.push(item);
      values.push(1);
    } else {
      rows.push(item);
      for (const [standIn, weight] of standIns(item, { all, users, known, counts })) {
        indices.push(standIn);
        values.push(weight);
      }
    }
    indptr[item + 1] = indices.length;
  }
  const map = {
    rows: all.columns,
    columns: learned.length,
    indptr,
    indices: Int32Array.from(indices),
    values: Float32Array.from(values),
  };
  return { rows: Int32Array.from(rows), map };
}

interface Pairs {
  all: Csr;
  /** [items, users] */
  users: Csr;
  known: Uint8Array;
  counts: Int32Array;
}

/** Known items with their weights, in the order of their rows. */
function standIns(item: number, { all, users, known, counts }: Pairs): [number, number][] {
  if (rowLength(users, item) === 0) return [];
  const together = new Map<number, number>();
  for (let u = users.indptr[item]!; u < users.indptr[item + 1]!; u++) {
    const user = users.indices[u]!;
    for (let p = all.indptr[user]!; p < all.indptr[user + 1]!; p++) {
      const other = all.indices[p]!;
      if (known[other] === 1) together.set(other, (together.get(other) ?? 0) + 1);
    }
  }
  const near = [...together].map(([other, both]): [number, number] => [
    other,
    both / Math.sqrt(counts[item]! * counts[other]!),
  ]);
  near.sort((a, b) => b[1] - a[1] || a[0] - b[0]);
  const nearest = near.slice(0, NEAREST).sort((a, b) => a[0] - b[0]);
  const whole = nearest.reduce((sum, [, weight]) => sum + weight, 0);
  return nearest.map(([other, weight]) => [other, weight / whole]);
}
