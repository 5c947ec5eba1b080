import { expect, it } from 'vitest';
import { contributionBars, scoreBars } from '../../../../src/console/pages/try-it/bars.ts';

const lengths = (scores: number[]) =>
  scoreBars(scores.map((score) => ({ score }))).map(({ to }) => Number(to.toFixed(3)));

it('scores that are shares are drawn from 0', () => {
  expect(lengths([0.4, 0.2, 0.1])).toEqual([1, 0.5, 0.25]);
  expect(lengths([0, 0])).toEqual([1, 1]);
  expect(lengths([])).toEqual([]);
});

it('of scores without a zero the worst keeps a twentieth', () => {
  expect(lengths([1, 0, -0.9])).toEqual([1, 0.5, 0.05]);
  expect(lengths([-2, -2])).toEqual([1, 1]);
});

it('what speaks against an item has no bar', () => {
  const bars = contributionBars([{ contribution: 2 }, { contribution: 1 }, { contribution: -1 }], 2);
  expect(bars.map(({ to }) => to)).toEqual([1, 0.5, 0]);
});
