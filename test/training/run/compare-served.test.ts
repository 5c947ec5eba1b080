import { describe, expect, it } from 'vitest';
import { absurdity, agreementWarnings, compareServed } from '../../../src/training/run/compare-served.ts';

const answers = (lists: number[][], greatest = 4) => ({
  k: 2,
  lists: lists.map((list) => Int32Array.from(list)),
  greatest,
});

describe('a refitted student beside the tested one', () => {
  it('agrees as far as their lists do, over the histories that both answered', () => {
    const probes = compareServed(answers([[1, 2], [3, 4], [5]]), answers([[1, 2], [4, 9], []]));
    expect(probes).toMatchObject({ histories: 2, k: 2, overlap: 0.75, sameFirst: 0.5 });
    // RBO 1 for the first; for the second nothing at the first place and one of two at the second: (.1 * .9 + .81) / 2.
    expect(probes.rbo).toBeCloseTo((1 + 0.45) / 2, 9);
  });

  it('gives a warning where they have less than three places in ten in common', () => {
    const probes = { histories: 9, k: 10, overlap: 0.29, rbo: 0.2, sameFirst: 0 };
    expect(agreementWarnings(probes).join()).toMatch(/29 % of their 10 places.*evaluation\.refit false/);
    expect(agreementWarnings({ ...probes, overlap: 0.3 })).toEqual([]);
    expect(agreementWarnings({ ...probes, histories: 0 })).toEqual([]);
  });

  it.each([
    [Number.NaN, /no finite numbers/],
    [Number.POSITIVE_INFINITY, /no finite numbers/],
    [5000, /grew from at most 4\.00 to 5\.00e\+3/],
  ])('is absurd with scores up to %d', (greatest, why) => {
    expect(absurdity(answers([[1]]), answers([[1]], greatest))).toMatch(why);
  });

  it('is not absurd with scores that are somewhat greater', () => {
    expect(absurdity(answers([[1]]), answers([[1]], 40))).toBeUndefined();
  });
});
