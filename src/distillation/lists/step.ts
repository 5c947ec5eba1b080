import type { Csr } from '../../dataset/matrix.ts';
import type { SparseBatch } from '../../tensor/sparse/batch.ts';

/** One batch, as the losses see it. */
export interface Step {
  /** Rows of the training matrix, [B]. */
  users: Int32Array;
  /** [B, N] all their training pairs, as weighed. */
  own: Csr;
  /** [B, N] what losses with own items hidden leave out of the running: these, and what the teacher knows nothing of. */
  hidden: Csr;
  /** The same on the device. */
  hiddenEntries: SparseBatch;
  /** [B, N] what the data says the answer is: all their pairs, or the item that came next. */
  wanted: Csr;
  /** [B, N] what teacher and student are shown of them at this step. */
  seen: Csr;
  /** Share of training that is done, 0..1; for schedules. */
  progress: number;
}
