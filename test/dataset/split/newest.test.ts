import { describe, expect, it } from 'vitest';
import { selectRows } from '../../../src/dataset/matrix.ts';
import { faded, keepNewest } from '../../../src/dataset/split/newest.ts';
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

const fading = csrOf([
  [1, 2, 0, 1],
  [0, 1, 1, 0],
]);
/** Pairs by row: the first user's newest is the first, the second user's the last. */
const pairs = { matrix: fading, time: Float64Array.from([30, 10, 20, 5, 6]) };

describe('histories whose older items say less', () => {
  it('weigh each item by how many of the history are newer', () => {
    expect([...faded(fading, pairs, 0.5).values]).toEqual([1, 0.5, 0.5, 0.5, 1]);
    expect([...fading.values]).toEqual([1, 2, 1, 1, 1]);
  });

  it('count what is in the history alone, and find the rows of a part', () => {
    const part = selectRows(
      csrOf([
        [0, 2, 0, 1],
        [0, 1, 1, 0],
      ]),
      [1, 0],
    );
    expect([...faded(part, pairs, 0.5).values]).toEqual([0.5, 1, 1, 1]);
  });

  it('go by when pairs were stored where times are equal or missing', () => {
    const untimed = { matrix: fading, time: Float64Array.from([7, 7, 7, Number.NaN, Number.NaN]) };
    const arrival = Int32Array.from([2, 0, 1, 4, 3]);
    expect([...faded(fading, { ...untimed, arrival }, 0.5).values]).toEqual([1, 0.5, 0.5, 1, 0.5]);
    expect([...faded(fading, untimed, 0.5).values]).toEqual([0.25, 1, 1, 0.5, 1]);
  });
});
