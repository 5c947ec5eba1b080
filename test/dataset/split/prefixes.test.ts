import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { type Csr, rowLength, selectRows } from '../../../src/dataset/matrix.ts';
import { toSequences, usedPlaces } from '../../../src/dataset/sequences.ts';
import { positionsInOrder } from '../../../src/dataset/split/places.ts';
import { cutEverywhere } from '../../../src/dataset/split/prefixes.ts';
import { sequencesOf } from '../../helpers/data.ts';

const inOrder = (matrix: Csr, row: number) =>
  [...positionsInOrder(matrix, row)].map((p) => matrix.indices[p]!);

describe('histories that are cut', () => {
  it('give every beginning with what came next, and the whole with nothing', () => {
    const { histories, next } = cutEverywhere(sequencesOf([[4, 1, 3], [], [2]], 5), createRng(1));
    expect(Array.from({ length: histories.rows }, (_, row) => inOrder(histories, row))).toEqual([
      [4],
      [4, 1],
      [4, 1, 3],
      [2],
    ]);
    expect(Array.from({ length: 4 }, (_, row) => inOrder(next, row))).toEqual([[1], [3], [], []]);
    expect([...histories.rowIds!]).toEqual([0, 0, 0, 2]);
    for (let row = 0; row < histories.rows; row++) {
      const own = histories.indices.subarray(histories.indptr[row], histories.indptr[row + 1]);
      expect([...own]).toEqual([...own].sort((a, b) => a - b));
    }
  });

  it('keep the rows of the whole where they are a part', () => {
    const part = selectRows(sequencesOf([[0], [1, 2], [2]], 3), [1]);
    expect([...cutEverywhere(part, createRng(1)).histories.rowIds!]).toEqual([1, 1]);
  });

  it('are cut at 50 places at most, the end always among them, and no longer than 100', () => {
    const long = Array.from({ length: 300 }, (_, i) => (7 * i) % 300);
    const { histories, next } = cutEverywhere(sequencesOf([long], 300), createRng(1));
    expect(histories.rows).toBe(50);
    expect(inOrder(histories, 49)).toEqual(long.slice(-100));
    expect(rowLength(next, 49)).toBe(0);
    for (let row = 0; row < 49; row++) {
      const at = long.indexOf(inOrder(next, row)[0]!);
      expect(inOrder(histories, row)).toEqual(long.slice(Math.max(0, at - 100), at));
    }
  });
});

describe('sequences of one length', () => {
  it('are the newest items, filled up on the left', () => {
    const sequences = toSequences(sequencesOf([[4, 1, 3, 0], [], [2]], 5), 3);
    expect(sequences).toEqual({
      rows: 3,
      length: 3,
      items: Int32Array.of(1, 3, 0, 0, 0, 0, 0, 0, 2),
      lengths: Int32Array.of(3, 0, 1),
    });
    expect([...usedPlaces(sequences)]).toEqual([0, 1, 2, 8]);
  });
});
