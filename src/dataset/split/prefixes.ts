import type { Rng } from '../../core/rng.ts';
import type { Csr } from '../matrix.ts';
import { positionsInOrder } from './places.ts';

export interface Prefixes {
  /** [cuts, items] each the beginning of a history, in order. */
  histories: Csr;
  /** [cuts, items] the item that came next; nothing for a whole history. */
  next: Csr;
}

/** Cuts of one history, so that nobody's outweighs the others' by far. */
const MOST_CUTS = 50;
/** Items of a beginning: the newest so many. */
const LONGEST = 100;

/** Every history cut behind each of its items, or behind some of them where they are many; the whole is always among them. */
export function cutEverywhere(histories: Csr, rng: Rng): Prefixes {
  const { rows, columns, rowIds } = histories;
  const indptr = [0];
  const indices: number[] = [];
  const values: number[] = [];
  const order: number[] = [];
  const ids: number[] = [];
  const next: number[] = [];
  for (let row = 0; row < rows; row++) {
    const inOrder = positionsInOrder(histories, row);
    const item = (place: number) => histories.indices[inOrder[place]!]!;
    for (const length of cutsOf(inOrder.length, rng)) {
      const from = Math.max(0, length - LONGEST);
      const places = Int32Array.from({ length: length - from }, (_, i) => from + i);
      for (const place of places.sort((a, b) => item(a) - item(b))) {
        indices.push(item(place));
        values.push(histories.values[inOrder[place]!]!);
        order.push(place);
      }
      indptr.push(indices.length);
      ids.push(rowIds ? rowIds[row]! : row);
      next.push(length < inOrder.length ? item(length) : -1);
    }
  }
  return {
    histories: {
      rows: ids.length,
      columns,
      indptr: Int32Array.from(indptr),
      indices: Int32Array.from(indices),
      values: Float32Array.from(values),
      order: Int32Array.from(order),
      rowIds: Int32Array.from(ids),
    },
    next: oneEach(next, columns),
  };
}

/** Lengths from 1 to n, ascending. */
function cutsOf(n: number, rng: Rng): number[] {
  const all = Array.from({ length: n }, (_, i) => i + 1);
  if (n <= MOST_CUTS) return all;
  const some = rng.shuffle(all.slice(0, -1)).slice(0, MOST_CUTS - 1);
  return [...some.sort((a, b) => a - b), n];
}

/** One item a row, none where it is negative. */
function oneEach(items: readonly number[], columns: number): Csr {
  const indptr = new Int32Array(items.length + 1);
  items.forEach((item, row) => {
    indptr[row + 1] = indptr[row]! + Number(item >= 0);
  });
  const indices = Int32Array.from(items.filter((item) => item >= 0));
  return { rows: items.length, columns, indptr, indices, values: new Float32Array(indices.length).fill(1) };
}
