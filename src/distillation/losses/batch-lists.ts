import type { SparseRows } from '../../tensor/sparse/rows.ts';
import type { TeacherOutputs } from '../lists/teacher-outputs.ts';

/** Lists of one batch, padded to one width. */
export interface BatchLists {
  width: number;
  /** [B * width], 0 where there is nothing. */
  ids: Int32Array;
  /** [B * width] */
  scores: Float32Array;
  /** [B] places in use. */
  lengths: Int32Array;
}

export function emptyLists(batch: number, width: number): BatchLists {
  return {
    width,
    ids: new Int32Array(batch * width),
    scores: new Float32Array(batch * width),
    lengths: new Int32Array(batch),
  };
}

export function append(lists: BatchLists, row: number, id: number, score = 0): void {
  const at = row * lists.width + lists.lengths[row]!++;
  lists.ids[at] = id;
  lists.scores[at] = score;
}

/** The first `width` places of the users' lists. */
export function listsOf({ k, ids, scores }: TeacherOutputs, users: Int32Array, width: number): BatchLists {
  const lists = emptyLists(users.length, width);
  users.forEach((user, row) => {
    for (let rank = 0; rank < Math.min(width, k) && ids[user * k + rank]! >= 0; rank++) {
      lists.ids[row * width + rank] = ids[user * k + rank]!;
      lists.scores[row * width + rank] = scores[user * k + rank]!;
      lists.lengths[row] = rank + 1;
    }
  });
  return lists;
}

/** 1 where a place of the lists is in use, [B * width]. */
export function placesInUse({ width, lengths }: BatchLists): Float32Array {
  const used = new Float32Array(lengths.length * width);
  lengths.forEach((length, row) => void used.fill(1, row * width, row * width + length));
  return used;
}

/** A share for each place in use, as sparse rows over the catalogue. @param shares [B * width] */
export function toSparse(
  { width, ids, lengths }: BatchLists,
  shares: Float32Array,
  columns: number,
): SparseRows {
  const indptr = new Int32Array(lengths.length + 1);
  lengths.forEach((length, row) => {
    indptr[row + 1] = indptr[row]! + length;
  });
  const indices = new Int32Array(indptr.at(-1)!);
  const values = new Float32Array(indices.length);
  lengths.forEach((length, row) => {
    indices.set(ids.subarray(row * width, row * width + length), indptr[row]!);
    values.set(shares.subarray(row * width, row * width + length), indptr[row]!);
  });
  return { indptr, indices, values, columns };
}
