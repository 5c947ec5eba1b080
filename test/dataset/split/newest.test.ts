import { expect, it } from 'vitest';
import { keepNewest } from '../../../src/dataset/split/newest.ts';
import { csrOf } from '../../helpers/data.ts';

const matrix = csrOf([
  [1, 1, 1, 1, 1],
  [0, 1, 0, 1, 0],
]);
const time = Float64Array.of(50, 10, Number.NaN, 40, 30, 7, 8);
const itemsOf = (m: { indices: Int32Array; indptr: Int32Array }, u: number) => [
  ...m.indices.subarray(m.indptr[u]!, m.indptr[u + 1]!),
];

it('keeps the newest pairs of long histories; what has no time is the oldest', () => {
  const kept = keepNewest(matrix, { matrix, time }, 3);
  expect(itemsOf(kept, 0)).toEqual([0, 3, 4]);
  expect(itemsOf(kept, 1)).toEqual([1, 3]);
});

it('finds the times of histories that are a part of the matrix', () => {
  const part = csrOf([
    [0, 1, 1, 1, 0],
    [0, 0, 0, 1, 0],
  ]);
  expect(itemsOf(keepNewest(part, { matrix, time }, 1), 0)).toEqual([3]);
});

it('leaves short histories as they are', () => {
  expect(keepNewest(matrix, { matrix, time }, 5)).toBe(matrix);
});
