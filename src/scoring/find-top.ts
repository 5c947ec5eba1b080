import type { RowMask } from './scan/blocked-rows.ts';
import type { TopK } from './scan/top-heap.ts';

export interface TopQuery {
  /** Float32 [d] */
  vector: Float32Array;
  k: number;
  /** Rows that must not come back. */
  leftOut: readonly ArrayLike<number>[];
  mask?: RowMask | undefined;
}

/**
 * The best rows. From small catalogues at once, as a view that the next scan overwrites; from large ones later, so
 * that the event loop goes on meanwhile.
 */
export type FindTop = (query: TopQuery) => TopK | Promise<TopK>;
