import { describe, expect, it } from 'vitest';
import { columnSums } from '../../src/dataset/matrix.ts';
import { findNewItems } from '../../src/dataset/new-items.ts';
import { csrOf, denseOf } from '../helpers/data.ts';

describe('items that are new since a training', () => {
  it('are those without a learned pair, with the known items that the same users have', () => {
    const learned = csrOf([
      [1, 0, 0, 0],
      [1, 1, 0, 0],
      [0, 1, 0, 0],
    ]);
    // Item 2 is had by the first two users; item 3 by nobody; item 4 has no row in the model.
    const all = csrOf([
      [1, 0, 1, 0, 0],
      [1, 1, 1, 0, 0],
      [0, 1, 0, 0, 1],
    ]);
    const { rows, map } = findNewItems(all, columnSums(learned));
    expect([...rows]).toEqual([2, 4]);
    const dense = denseOf(map);
    expect(dense[0]).toEqual([1, 0, 0, 0]);
    expect(dense[1]).toEqual([0, 1, 0, 0]);
    // Cosines 2 / sqrt(2 * 2) and 1 / sqrt(2 * 2): two thirds and one.
    expect(dense[2]![0]).toBeCloseTo(2 / 3, 6);
    expect(dense[2]![1]).toBeCloseTo(1 / 3, 6);
    expect(dense[3]).toEqual([0, 0, 0, 1]);
    expect(dense[4]).toEqual([0, 1, 0, 0]);
  });

  it('stand alone where nobody who has them has anything known', () => {
    const { rows, map } = findNewItems(csrOf([[0, 1]]), Float32Array.of(0, 0));
    expect([...rows]).toEqual([1]);
    expect(denseOf(map)).toEqual([
      [1, 0],
      [0, 0],
    ]);
  });

  it('are at most twenty stand-ins each', () => {
    const all = csrOf([new Array<number>(31).fill(1)]);
    const learned = new Float32Array(31).fill(1);
    learned[30] = 0;
    const { map } = findNewItems(all, learned);
    const own = denseOf(map)[30]!.filter((weight) => weight > 0);
    expect(own).toHaveLength(20);
    expect(own.reduce((sum, weight) => sum + weight, 0)).toBeCloseTo(1, 6);
  });
});
