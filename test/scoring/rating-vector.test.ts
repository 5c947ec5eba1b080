import { describe, expect, it } from 'vitest';
import { cautions, createRatingVectors } from '../../src/scoring/rating-vector.ts';

const rating = { mean: 3, base: Float32Array.of(0.5, -1, 0), shrinkage: 2, low: 1, high: 5, deviation: 1.5 };
/** Two dimensions; each row of the input matrix holds X and then Y. */
const vectors = createRatingVectors({
  itemsIn: {
    q: Int8Array.of(1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12),
    scale: Float32Array.of(0.5, 1, 2),
    rows: 3,
    width: 4,
  },
  itemsOut: { q: new Int8Array(6), scale: new Float32Array(3), rows: 3, width: 2 },
  userBias: Float32Array.of(10, 20),
  rating,
});

describe('the vector of a user who rates', () => {
  it('adds up each item with what its rating is above the expected one, by the root of their number', () => {
    // Item 0 rated 4: half above 3 + 0.5. Item 1 rated 1: 1 below 3 - 1.
    const x0 = 0.5 * (0.5 * 1 + 3);
    const y0 = 0.5 * (0.5 * 2 + 4);
    const x1 = -5 + 7;
    const y1 = -6 + 8;
    const user = vectors.fold([0, 1], [4, 1]);
    expect(user[0]).toBeCloseTo(10 + (x0 + x1) / Math.SQRT2, 5);
    expect(user[1]).toBeCloseTo(20 + (y0 + y1) / Math.SQRT2, 5);
  });

  it('keeps nothing of the user before, and is the bias alone for somebody without ratings', () => {
    vectors.fold([2], [5]);
    expect([...vectors.fold([], [])]).toEqual([10, 20]);
  });

  it('comes with the offset of all predictions, which few ratings move less', () => {
    expect(vectors.offset([0, 1], [4.5, 3])).toBe(3 + (1 + 1) / (2 + 2));
    expect(vectors.offset([2], [0])).toBe(3 - 3 / (1 + 2));
    expect(vectors.offset([], [])).toBe(3);
  });
});

it('items are ranked below their prediction by one standard error of their ratings', () => {
  expect([...cautions({ rating, popularity: Float32Array.of(0, 3, 8) })]).toEqual([1.5, 0.75, 0.5]);
});
