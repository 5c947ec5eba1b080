import { describe, expect, it } from 'vitest';
import { type Csr, exceptRows } from '../../../src/dataset/matrix.ts';
import { hiddenItems } from '../../../src/distillation/lists/hidden-items.ts';

const csr = (rows: number[][], columns = 5): Csr => ({
  rows: rows.length,
  columns,
  indptr: Int32Array.from([0, ...rows.map((_, r) => rows.slice(0, r + 1).flat().length)]),
  indices: Int32Array.from(rows.flat()),
  values: new Float32Array(rows.flat().length).fill(0.5),
});
const itemsOf = ({ indptr, indices }: Csr) =>
  Array.from({ length: indptr.length - 1 }, (_, r) => [...indices.subarray(indptr[r], indptr[r + 1])]);

describe('what is left out of the running', () => {
  it('is what the user has, and what the teacher does not know', () => {
    const own = csr([[0, 4], [], [1]]);
    expect(hiddenItems(own, undefined)).toBe(own);
    expect(hiddenItems(own, new Int32Array(0))).toBe(own);
    const hidden = hiddenItems(own, Int32Array.of(1, 3));
    expect(itemsOf(hidden)).toEqual([
      [0, 1, 3, 4],
      [1, 3],
      [1, 3],
    ]);
  });
});

describe('what one matrix has and another has not', () => {
  it('is told row by row', () => {
    expect(itemsOf(exceptRows(csr([[0, 2, 4], [1], []]), csr([[2], [0, 1], [3]])))).toEqual([[0, 4], [], []]);
  });
});
