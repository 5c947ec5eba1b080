import { expect, it } from 'vitest';
import { linearTicks, logTicks } from '../../../../src/console/pages/versions/ticks.ts';

it('are round and within the axis', () => {
  expect(linearTicks(0.1861, 0.194)).toEqual([0.188, 0.19, 0.192, 0.194]);
  expect(linearTicks(-1, 1)).toEqual([-1, -0.5, 0, 0.5, 1]);
  expect(linearTicks(3, 3)).toEqual([3]);
});

it('of a log axis are powers of ten, with 2 and 5 times them on a shorter one', () => {
  expect(logTicks(900, 2_000_000)).toEqual([1000, 10_000, 100_000, 1_000_000]);
  expect(logTicks(900, 12_000)).toEqual([1000, 2000, 5000, 10_000]);
  expect(logTicks(25_000, 140_000)).toEqual([40_000, 60_000, 80_000, 100_000, 120_000, 140_000]);
});
