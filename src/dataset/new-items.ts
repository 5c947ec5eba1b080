import type { Rng } from '../core/rng.ts';
import { type Csr, columnSums, emptyCsr, filterEntries, rowLength, selectRows, transpose } from './matrix.ts';

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

/** Users without whom an item says too little to be taught by itself. */
const FEWEST_USERS = 5;
/** Copies for each history, so that little time is added. */
const MOST_COPIES = 0.25;

/**
 * The histories, and after them copies of some from which new items are taken out. Own items are on no list of the teacher: where
 * everybody who has one of several new items has the others too, nothing but a history without them teaches that they belong
 * together. New are items of at least five users with less than half of their weight learned; of each user one copy lacks a half
 * of them and another the other half, and an only one is missing once.
 * @param all [users, items] without an order @param learned [items of the model] weight of each item in what it learned from
 * @returns [users and copies, items]; the matrix itself where nothing is new
 */
export function alsoWithoutNewItems(all: Csr, learned: Float32Array, rng: Rng): Csr {
  const weights = columnSums(all);
  const counts = new Int32Array(all.columns);
  for (const item of all.indices) counts[item]!++;
  const isNew = weights.map((weight, item) =>
    Number(counts[item]! >= FEWEST_USERS && (learned[item] ?? 0) < weight / 2),
  );
  const copies: { user: number; hidden: Set<number> }[] = [];
  for (let user = 0; user < all.rows; user++) {
    const own = all.indices.subarray(all.indptr[user]!, all.indptr[user + 1]!);
    const fresh = rng.shuffle(own.filter((item) => isNew[item] === 1));
    const half = Math.ceil(fresh.length / 2);
    for (const hidden of [fresh.subarray(0, half), fresh.subarray(half)]) {
      if (hidden.length > 0 && hidden.length < own.length) copies.push({ user, hidden: new Set(hidden) });
    }
  }
  if (copies.length === 0) return all;
  const some = rng.shuffle(copies).slice(0, Math.ceil(MOST_COPIES * all.rows));
  const users = Int32Array.from({ length: all.rows }, (_, user) => user);
  const longer = selectRows(all, [...users, ...some.map(({ user }) => user)]);
  const lacking = new Uint8Array(longer.indices.length);
  for (const [i, { hidden }] of some.entries()) {
    const row = all.rows + i;
    for (let p = longer.indptr[row]!; p < longer.indptr[row + 1]!; p++) {
      lacking[p] = Number(hidden.has(longer.indices[p]!));
    }
  }
  return filterEntries(longer, (p) => lacking[p] === 0);
}
