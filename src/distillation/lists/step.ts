import type { Csr } from '../../dataset/matrix.ts';
import type { SparseBatch } from '../../tensor/sparse/batch.ts';
import type { CataloguePart } from '../losses/catalogue-part.ts';

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
