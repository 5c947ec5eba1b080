import { describe, expect, it } from 'vitest';
import { selectRows } from '../../../src/dataset/matrix.ts';
import { faded } from '../../../src/dataset/split/faded.ts';
import { csrOf } from '../../helpers/data.ts';

const matrix = csrOf([
  [1, 2, 0, 1],
  [0, 1, 1, 0],
]);
/** Pairs by row: the first user's newest is the first, the second user's the last. */
const pairs = { matrix, time: Float64Array.from([30, 10, 20, 5, 6]) };

describe('histories whose older items say less', () => {
  it('weigh each item by how many of the history are newer', () => {
    expect([...faded(matrix, pairs, 0.5).values]).toEqual([1, 0.5, 0.5, 0.5, 1]);
    expect([...matrix.values]).toEqual([1, 2, 1, 1, 1]);
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
    const untimed = { matrix, time: Float64Array.from([7, 7, 7, Number.NaN, Number.NaN]) };
    const arrival = Int32Array.from([2, 0, 1, 4, 3]);
    expect([...faded(matrix, { ...untimed, arrival }, 0.5).values]).toEqual([1, 0.5, 0.5, 1, 0.5]);
    expect([...faded(matrix, untimed, 0.5).values]).toEqual([0.25, 1, 1, 0.5, 1]);
  });
});
