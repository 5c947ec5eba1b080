import { describe, expect, it } from 'vitest';
import type { Csr } from '../../src/dataset/matrix.ts';
import { ndcgAt } from '../../src/evaluation/metrics.ts';
import { createNdcgOfSome } from '../../src/evaluation/ndcg-of-some.ts';
import { UNRANKED } from '../../src/evaluation/ranks.ts';

const rowsOf = (rows: number[][], values = rows): Csr => ({
  rows: rows.length,
  columns: 10,
  indptr: Int32Array.from([0, ...rows.map((_, r) => rows.slice(0, r + 1).flat().length)]),
  indices: Int32Array.from(rows.flat()),
  values: Float32Array.from(values.flat()),
});

describe('the NDCG of some scored items', () => {
  const known = rowsOf([[0], []]);
  const heldOut = rowsOf([
    [3, 5, 9],
    [1, 2],
  ]);
  const ndcg = createNdcgOfSome({ known, heldOut, hidden: Int32Array.of(8) }, 10);

  it('leaves out known and hidden items, and puts items without a score behind every list', () => {
    // 0 is known and 8 hidden; 4 is before 3, 6 between 3 and 5; 9 has no score.
    const some = rowsOf([[0, 3, 4, 5, 6, 8]], [[9, 3, 4, 1, 2, 8]]);
    expect(ndcg(some, 0, 0)).toBe(ndcgAt([1, 3, UNRANKED], 10));
  });

  it('counts ties against the ranker', () => {
    const some = rowsOf([[], [4, 2, 1, 7]], [[], [1, 1, 1, 2]]);
    expect(ndcg(some, 1, 1)).toBe(ndcgAt([2, 3], 10));
  });

  it('is the same when it is asked again', () => {
    const some = rowsOf([[3, 4]], [[1, 2]]);
    expect(ndcg(some, 0, 0)).toBe(ndcg(some, 0, 0));
    expect(ndcg(some, 0, 0)).toBe(ndcgAt([1, UNRANKED, UNRANKED], 10));
  });
});
