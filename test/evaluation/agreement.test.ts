import { describe, expect, it } from 'vitest';
import { kendallTau, overlap, rankBiasedOverlap } from '../../src/evaluation/agreement.ts';

const list = (...items: number[]) => Int32Array.from(items);

describe('overlap of two lists', () => {
  it('is the share of common items, whatever their order', () => {
    expect(overlap(list(1, 2, 3, 4), list(4, 9, 1, 8))).toBe(0.5);
    expect(overlap(list(1, 2), list(2, 1))).toBe(1);
    expect(overlap(list(1, 2), list(3, 4))).toBe(0);
    expect(overlap(list(), list())).toBeNaN();
  });
});

describe('rank-biased overlap', () => {
  it('is 1 for equal lists and 0 for disjoint ones', () => {
    expect(rankBiasedOverlap(list(3, 1, 2), list(3, 1, 2))).toBeCloseTo(1, 12);
    expect(rankBiasedOverlap(list(3, 1, 2), list(5, 6, 7))).toBe(0);
    expect(rankBiasedOverlap(list(), list())).toBeNaN();
  });

  it('is the sum of the agreements at each depth, the last of them carried on for ever', () => {
    // Agreement at depth 1: 0, at 2: 1, at 3: 2/3.
    const p = 0.9;
    const expected = (1 - p) * (0 + p * 1 + p ** 2 * (2 / 3)) + p ** 3 * (2 / 3);
    expect(rankBiasedOverlap(list(1, 2, 3), list(2, 1, 9))).toBeCloseTo(expected, 12);
  });

  it('minds the first places more than the last', () => {
    const first = rankBiasedOverlap(list(1, 2, 3, 4), list(9, 2, 3, 4));
    const last = rankBiasedOverlap(list(1, 2, 3, 4), list(1, 2, 3, 9));
    expect(last).toBeGreaterThan(first);
  });
});

describe("Kendall's tau", () => {
  const scores = Float32Array.of(5, 4, 3, 2, 2);
  it('is 1 for the same order, -1 for the reverse', () => {
    expect(kendallTau(list(0, 1, 2, 3), scores)).toBe(1);
    expect(kendallTau(list(3, 2, 1, 0), scores)).toBe(-1);
  });

  it('counts pairs: one of three the wrong way is 1/3, a tie counts nothing', () => {
    expect(kendallTau(list(1, 0, 2), scores)).toBeCloseTo(1 / 3, 12);
    expect(kendallTau(list(2, 3, 4), scores)).toBeCloseTo(2 / 3, 12);
    expect(kendallTau(list(2), scores)).toBeNaN();
  });
});
