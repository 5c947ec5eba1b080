import { type Softmax, softmaxOf } from './softmax.ts';

/** One ranker's scores of one user, with the list and the softmax that follow from them. */
export interface Seen {
  scores: Float32Array;
  /** Factor on the scores in a softmax. */
  scale: number;
  /** log sum exp of the scaled scores; NaN where the user is not in the sample for the softmax. */
  logSum: number;
  list: Int32Array;
}

export interface Reference {
  list: Int32Array;
  /** Absent where the user is not in the sample. */
  softmax?: Softmax;
}

/** The first ranker's answers to one batch. Copies: a later ranker may reuse the buffer. */
export function createReference(rows: number, items: number) {
  const copies = new Float32Array(rows * items);
  const exponentials = new Float32Array(rows * items);
  const kept: (Reference | null)[] = [];
  const rowOf = (buffer: Float32Array, row: number) => buffer.subarray(row * items, (row + 1) * items);
  return {
    /** @param seen null where the ranker says nothing of the user */
    keep(row: number, seen: Seen | null): void {
      kept[row] = null;
      if (!seen) return;
      const { scores, scale, logSum, list } = seen;
      const reference: Reference = { list };
      kept[row] = reference;
      if (Number.isNaN(logSum)) return;
      const copy = rowOf(copies, row);
      copy.set(scores);
      reference.softmax = softmaxOf(copy, copy[list[0]!], rowOf(exponentials, row), scale);
    },
    of: (row: number): Reference | null => kept[row]!,
  };
}
