import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { rowItems, rowLength } from '../../src/dataset/matrix.ts';
import { alsoThinned, copiesOf } from '../../src/dataset/thinned.ts';
import { csrOf } from '../helpers/data.ts';

const histories = csrOf([
  ...Array.from({ length: 6 }, (_, user) =>
    Array.from({ length: 20 }, (_, item) => Number((item + user) % 2)),
  ),
  Array.from({ length: 20 }, (_, item) => Number(item === 3)),
  new Array<number>(20).fill(0),
]);

describe('thinned copies of histories', () => {
  const copies = 4;
  const all = alsoThinned(histories, copies, createRng(1));

  it('stand behind the histories, which stay what they are', () => {
    expect(all.rows).toBe(histories.rows + copies * 6);
    for (let user = 0; user < histories.rows; user++)
      expect(rowItems(all, user)).toEqual(rowItems(histories, user));
  });

  it('lack a part of their own history each, and are never empty', () => {
    const shares: number[] = [];
    for (let row = histories.rows; row < all.rows; row++) {
      const user = all.rowIds![row]!;
      const own = new Set(rowItems(histories, user));
      expect(rowItems(all, row).every((item) => own.has(item))).toBe(true);
      shares.push(rowLength(all, row) / own.size);
    }
    expect(Math.min(...shares)).toBeGreaterThan(0);
    expect(shares.filter((share) => share < 1).length).toBeGreaterThan(0.8 * shares.length);
    expect(shares.reduce((sum, share) => sum + share, 0) / shares.length).toBeCloseTo(0.5, 1);
  });

  it('are the same for the same seed, and none where none are wanted or every history is short', () => {
    expect(alsoThinned(histories, copies, createRng(1))).toEqual(all);
    expect(alsoThinned(histories, 0, createRng(1))).toBe(histories);
    const short = csrOf([
      [1, 0],
      [0, 1],
    ]);
    expect(alsoThinned(short, 3, createRng(1))).toBe(short);
  });

  it('are limited in number, whatever the number of users', () => {
    expect(copiesOf(10, 3)).toBe(30);
    expect(copiesOf(1_000_000, 3)).toBe(copiesOf(2_000_000, 3));
  });
});
