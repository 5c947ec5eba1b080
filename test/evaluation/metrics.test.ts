import { describe, expect, it } from 'vitest';
import { hitRateAt, ndcgAt, precisionAt, recallAt, reciprocalRankAt } from '../../src/evaluation/metrics.ts';

describe('ranking metrics of one user', () => {
  // Three held-out items, at the first, third and eighth place.
  const ranks = [0, 2, 7];

  it('recall is the share of the held-out items among the first k', () => {
    expect([1, 2, 3, 8].map((k) => recallAt(ranks, k))).toEqual([1 / 3, 1 / 3, 2 / 3, 1]);
  });

  it('recall divides by all held-out items, also when k is smaller', () => {
    expect(recallAt([0, 1, 2, 3], 2)).toBe(0.5);
  });

  it('recall divides by at most k of them when it is asked to, so that a full list is 1', () => {
    expect(recallAt([0, 1, 7, 9], 2, 'min')).toBe(1);
    expect(recallAt([0, 2, 7], 4, 'min')).toBe(2 / 3);
  });

  it('precision is the share of the k places', () => {
    expect([1, 2, 4].map((k) => precisionAt(ranks, k))).toEqual([1, 1 / 2, 2 / 4]);
    expect(precisionAt([9], 5)).toBe(0);
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
    for (const metric of [recallAt, precisionAt, hitRateAt, ndcgAt, reciprocalRankAt])
      expect(metric([], 10)).toBeNaN();
  });
});
