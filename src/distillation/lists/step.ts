import type { Csr } from '../../dataset/matrix.ts';
import type { SparseBatch } from '../../tensor/sparse/batch.ts';

/** One batch, as the losses see it. */
export interface Step {
  /** Rows of the training matrix, [B]. */
  users: Int32Array;
  /** [B, N] all their training pairs, as weighed. */
  own: Csr;
  /** [B, N] items that losses with own items hidden leave out: the users' own, and those that the teacher does not know. */
  hidden: Csr;
  /** The hidden items as a sparse batch on the device. */
  hiddenEntries: SparseBatch;
  /** [B, N] items that count as the right answer by the data: all pairs of the users, or the item that came next. */
  wanted: Csr;
  /** [B, N] the part of the histories that teacher and student are shown at this step. */
  seen: Csr;
  /** Share of training that is done, 0..1; for schedules. */
  progress: number;
  /** Part of the catalogue that the softmax is over: `hidden` and `wanted` then have its columns. Unset: all of it. */
  part?: CataloguePart;
}

/** A part of the catalogue that stands for all of it in the softmaxes of one batch. */
export interface CataloguePart {
  /** [C] its items, ascending. */
  ids: Int32Array;
  /** [N] the place of each item in the part, -1 for those outside. */
  places: Int32Array;
  /** [C] what is added to the score of an item: the log of how many items a drawn one stands for, 0 for all others. */
  corrections: Float32Array;
  /** Places of the teacher's lists that are in it. */
  top: number;
}
