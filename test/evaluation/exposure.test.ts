import { describe, expect, it } from 'vitest';
import { createExposure, gini } from '../../src/evaluation/exposure.ts';

describe('what is shown', () => {
  it('is counted by item, popularity and class', () => {
    // Item 0 alone carries more than a third: it is the head.
    const exposure = createExposure(Float32Array.of(40, 20, 10, 10));
    exposure.add(Int32Array.of(0, 1));
    exposure.add(Int32Array.of(0, 2));
    const { coverage, averagePopularity, headShare } = exposure.result();
    expect(coverage).toBe(3 / 4);
    expect(averagePopularity).toBe((40 + 20 + 40 + 10) / 4);
    expect(headShare).toBe(2 / 4);
  });

  it('of nothing is 0, not NaN', () => {
    expect(createExposure(new Float32Array(3)).result()).toEqual({
      coverage: 0,
      averagePopularity: 0,
      headShare: 0,
      gini: 0,
    });
  });
});

describe('the Gini coefficient', () => {
  it('is 0 for equal counts and (n - 1) / n when one has everything', () => {
    expect(gini(Uint32Array.of(3, 3, 3))).toBe(0);
    expect(gini(Uint32Array.of(0, 0, 0, 7))).toBe(3 / 4);
    expect(gini(Uint32Array.of(1, 3))).toBe(1 / 4);
    expect(gini(new Uint32Array(4))).toBe(0);
  });
});
