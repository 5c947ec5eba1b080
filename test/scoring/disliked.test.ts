import { describe, expect, it } from 'vitest';
import { createAway } from '../../src/scoring/disliked.ts';

const items = {
  ...{ rows: 3, width: 2 },
  q: Int8Array.of(127, 0, 0, 100, 0, 0),
  scale: Float32Array.of(1, 1, 1),
};
const away = createAway(items, 0.1);
const moved = (rows: number[], weights: number[]) => {
  const vector = Float32Array.of(2, 0);
  away(vector, { rows: Int32Array.from(rows), weights: Float32Array.from(weights) });
  return Array.from(vector, (x) => Math.round(1e4 * x) / 1e4);
};

describe('a vector moves by a share of its length', () => {
  it('away from the direction of what is disliked, or from the weighted mean of several', () => {
    expect(moved([1], [1])).toEqual([2, -0.2]);
    expect(moved([0, 1], [1, 3])).toEqual([1.95, -0.15]);
  });

  it('not by low ratings, which weigh nothing and take no place of what does', () => {
    expect(moved([0], [0])).toEqual([2, 0]);
    const ratings = Array.from({ length: 150 }, () => 0);
    expect(moved([...ratings, 1], [...ratings, 1])).toEqual([2, -0.2]);
  });

  it('not by items without a direction, nor by more than a hundred', () => {
    expect(moved([2], [1])).toEqual([2, 0]);
    const many = Array.from({ length: 100 }, () => 1);
    expect(moved([...many, 0], [...many.map(() => 1), 1])).toEqual([2, -0.2]);
  });
});
