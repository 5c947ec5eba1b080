import { type Softmax, softmaxOf } from './metrics.ts';

/** What is known of a user's scores once they have been counted. */
export interface Seen {
  scores: Float32Array;
  logSum: number;
  list: Int32Array;
}

export type Reference = Softmax & Pick<Seen, 'list'>;

/** The first ranker's answers to one batch. Copies: a later ranker may reuse the buffer. */
export function createReference(rows: number, items: number) {
  const copies = new Float32Array(rows * items);
  const shares = new Float32Array(rows * items);
  const kept: Reference[] = [];
  const rowOf = (buffer: Float32Array, row: number) => buffer.subarray(row * items, (row + 1) * items);
  return {
    keep(row: number, { scores, logSum, list }: Seen): void {
      const copy = rowOf(copies, row);
      copy.set(scores);
      kept[row] = { ...softmaxOf(copy, logSum, rowOf(shares, row)), list };
    },
    of: (row: number): Reference => kept[row]!,
  };
}
