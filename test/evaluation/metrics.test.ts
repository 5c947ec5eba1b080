import { describe, expect, it } from 'vitest';
import {
  hitRateAt,
  klDivergence,
  logSumExp,
  ndcgAt,
  overlap,
  recallAt,
  reciprocalRankAt,
  softmaxOf,
} from '../../src/evaluation/metrics.ts';

const MASKED = Number.NEGATIVE_INFINITY;
const divergence = (p: Float32Array, q: Float32Array) => klDivergence(softmaxOf(p), q);

describe('ranking metrics of one user', () => {
  // Three held-out items, at the first, third and eighth place.
  const ranks = [0, 2, 7];

  it('recall is the share of the held-out items among the first k', () => {
    expect([1, 2, 3, 8].map((k) => recallAt(ranks, k))).toEqual([1 / 3, 1 / 3, 2 / 3, 1]);
  });

  it('recall divides by all held-out items, also when k is smaller', () => {
    expect(recallAt([0, 1, 2, 3], 2)).toBe(0.5);
  });

  it('hit rate asks only for the best held-out item', () => {
    expect([1, 5].map((k) => hitRateAt(ranks, k))).toEqual([1, 1]);
    expect([4, 5].map((k) => hitRateAt([4, 9], k))).toEqual([0, 1]);
  });

  it('NDCG discounts by the logarithm of the place', () => {
    const ideal = 1 + 1 / Math.log2(3) + 1 / Math.log2(4);
    expect(ndcgAt(ranks, 3)).toBeCloseTo((1 + 1 / Math.log2(4)) / ideal, 12);
    expect(ndcgAt(ranks, 8)).toBeCloseTo((1 + 1 / Math.log2(4) + 1 / Math.log2(9)) / ideal, 12);
    expect(ndcgAt([1], 10)).toBeCloseTo(0.63093, 5);
  });

  it('NDCG is 1 for a perfect list, also when there are more held-out items than places', () => {
    expect(ndcgAt([0, 1, 2, 3, 4], 2)).toBe(1);
    expect(ndcgAt([0, 1], 10)).toBe(1);
  });

  it('the reciprocal rank is that of the first held-out item, 0 beyond k', () => {
    expect(reciprocalRankAt(ranks, 10)).toBe(1);
    expect(reciprocalRankAt([3, 4], 4)).toBe(0.25);
    expect(reciprocalRankAt([3, 4], 3)).toBe(0);
  });

  it('k beyond the catalogue is the whole catalogue', () => {
    expect(recallAt(ranks, 1_000_000)).toBe(1);
    expect(hitRateAt(ranks, 1_000_000)).toBe(1);
    expect(ndcgAt(ranks, 1_000_000)).toBe(ndcgAt(ranks, 8));
  });

  it('without held-out items there is no number', () => {
    for (const metric of [recallAt, hitRateAt, ndcgAt, reciprocalRankAt]) expect(metric([], 10)).toBeNaN();
  });
});

describe('overlap of two lists', () => {
  it('is the share of common items, whatever their order', () => {
    expect(overlap(Int32Array.of(1, 2, 3, 4), Int32Array.of(4, 9, 1, 8))).toBe(0.5);
    expect(overlap(Int32Array.of(1, 2), Int32Array.of(2, 1))).toBe(1);
    expect(overlap(Int32Array.of(1, 2), Int32Array.of(3, 4))).toBe(0);
    expect(overlap(new Int32Array(0), new Int32Array(0))).toBeNaN();
  });
});

describe('divergence of two score vectors', () => {
  it('is the sum of p log(p / q)', () => {
    const p = Float32Array.of(Math.log(0.5), Math.log(0.3), Math.log(0.2));
    const q = Float32Array.of(Math.log(0.1), Math.log(0.6), Math.log(0.3));
    const expected = 0.5 * Math.log(5) + 0.3 * Math.log(0.5) + 0.2 * Math.log(2 / 3);
    expect(divergence(p, q)).toBeCloseTo(expected, 6);
  });

  it('is 0 for scores that differ by a constant, and leaves masked items out', () => {
    const p = Float32Array.of(1, MASKED, 3, -2);
    expect(divergence(p, p)).toBe(0);
    expect(divergence(p, Float32Array.of(11, MASKED, 13, 8))).toBeCloseTo(0, 6);
  });

  it('survives scores far apart', () => {
    expect(divergence(Float32Array.of(500, -500), Float32Array.of(500, -500))).toBeCloseTo(0, 6);
    expect(divergence(Float32Array.of(500, 0), Float32Array.of(0, 500))).toBeCloseTo(500, 3);
  });

  it('logSumExp does not overflow and ignores masked items', () => {
    expect(logSumExp(Float32Array.of(1000, 1000, MASKED))).toBeCloseTo(1000 + Math.LN2, 9);
    expect(logSumExp(Float32Array.of(0, 0, 0, 0))).toBeCloseTo(Math.log(4), 12);
  });
});
