import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { columnSums } from '../../src/dataset/matrix.ts';
import { alsoWithoutNewItems, findNewItems } from '../../src/dataset/new-items.ts';
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

describe('histories from which new items are taken out', () => {
  // Six users have both new items, 2 and 3, beside a known one; a seventh has the known ones alone.
  const together = csrOf([...Array.from({ length: 6 }, () => [1, 0, 1, 1]), [1, 1, 0, 0]]);
  const learned = Float32Array.of(7, 1, 0);

  it('follow the whole ones, each without a part of what is new', () => {
    const { rows, rowIds, ...more } = alsoWithoutNewItems(together, learned, createRng(1));
    const dense = denseOf({ rows, ...more });
    expect(dense.slice(0, 7)).toEqual(denseOf(together));
    // A quarter of seven, rounded up.
    expect(rows).toBe(9);
    for (const [i, copy] of dense.slice(7).entries()) {
      expect(rowIds![7 + i]).toBeLessThan(6);
      expect([copy[0], copy[2]! + copy[3]!]).toEqual([1, 1]);
    }
  });

  it('are none where most of an item was learned, few have it, or it is all that somebody has', () => {
    const rng = createRng(1);
    expect(alsoWithoutNewItems(together, Float32Array.of(7, 1, 3, 3), rng)).toBe(together);
    const few = csrOf([...Array.from({ length: 4 }, () => [1, 1]), [1, 0]]);
    expect(alsoWithoutNewItems(few, Float32Array.of(5, 0), rng)).toBe(few);
    const alone = csrOf(Array.from({ length: 6 }, () => [1]));
    expect(alsoWithoutNewItems(alone, Float32Array.of(0), rng)).toBe(alone);
  });
});
