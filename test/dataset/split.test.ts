import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { type Csr, columnSums, rowLength, unionRows } from '../../src/dataset/matrix.ts';
import { describeSplit, type SplitPlan, splitByTime } from '../../src/dataset/split.ts';
import { csrOf } from '../helpers/data.ts';

const LAST_FRACTION: SplitPlan = { strategy: 'last-fraction', testFraction: 0.2, validationFraction: 0.1 };
const LEAVE_LAST_OUT: SplitPlan = { strategy: 'leave-last-out' };

/** Users with the given numbers of pairs, over the first so many items. */
function users(...lengths: number[]): Csr {
  const columns = Math.max(...lengths);
  return csrOf(lengths.map((n) => Array.from({ length: columns }, (_, i) => (i < n ? i + 1 : 0))));
}

const itemsOf = (m: Csr, user: number) => [...m.indices.subarray(m.indptr[user]!, m.indptr[user + 1]!)];
const noTimes = (m: Csr) => new Float64Array(m.indices.length).fill(Number.NaN);

describe('a split by time', () => {
  it('holds out the newest tenths: the newest fifth for the test, the tenth before it for validation', () => {
    const matrix = users(10);
    // Item 0 is the newest, item 9 the oldest.
    const time = Float64Array.from(matrix.indices, (item) => 100 - item);
    const split = splitByTime(matrix, time, LAST_FRACTION, createRng(1));
    expect(itemsOf(split.test, 0)).toEqual([0, 1]);
    expect(itemsOf(split.validation, 0)).toEqual([2]);
    expect(itemsOf(split.train, 0)).toEqual([3, 4, 5, 6, 7, 8, 9]);
  });

  it('leaves one out for the test and the one before for validation, however long the history', () => {
    const matrix = users(3, 40);
    const time = Float64Array.from(matrix.indices, (item) => item);
    const split = splitByTime(matrix, time, LEAVE_LAST_OUT, createRng(1));
    expect([itemsOf(split.test, 0), itemsOf(split.test, 1)]).toEqual([[2], [39]]);
    expect([itemsOf(split.validation, 0), itemsOf(split.validation, 1)]).toEqual([[1], [38]]);
  });

  it.each([LAST_FRACTION, LEAVE_LAST_OUT, { ...LAST_FRACTION, testFraction: 0.5, validationFraction: 0.5 }])(
    'has disjoint parts whose union is the whole, and a training pair for every user ($strategy $testFraction)',
    (plan) => {
      const matrix = users(1, 2, 3, 4, 7, 15, 31);
      const { train, validation, test } = splitByTime(matrix, noTimes(matrix), plan, createRng(3));
      expect(unionRows(unionRows(train, validation), test)).toEqual(matrix);
      const entries = train.indices.length + validation.indices.length + test.indices.length;
      expect(entries).toBe(matrix.indices.length);
      for (let u = 0; u < matrix.rows; u++) expect(rowLength(train, u)).toBeGreaterThan(0);
    },
  );

  it('does not test users with fewer than three pairs, and tests everyone else', () => {
    const matrix = users(0, 1, 2, 3, 4);
    for (const plan of [LAST_FRACTION, LEAVE_LAST_OUT]) {
      const { test, validation } = splitByTime(matrix, noTimes(matrix), plan, createRng(3));
      expect(Array.from({ length: 5 }, (_, u) => rowLength(test, u))).toEqual([0, 0, 0, 1, 1]);
      expect(Array.from({ length: 5 }, (_, u) => rowLength(validation, u))).toEqual([0, 0, 0, 1, 1]);
    }
  });

  it('takes pairs without a time for the oldest', () => {
    const matrix = users(6);
    const time = Float64Array.from([Number.NaN, 5, Number.NaN, 6, Number.NaN, 0]);
    const split = splitByTime(matrix, time, LEAVE_LAST_OUT, createRng(2));
    expect(itemsOf(split.test, 0)).toEqual([3]);
    expect(itemsOf(split.validation, 0)).toEqual([1]);
    const wide = { ...LAST_FRACTION, testFraction: 0.34, validationFraction: 0.17 };
    expect(itemsOf(splitByTime(matrix, time, wide, createRng(2)).validation, 0)).toEqual([5]);
  });

  it.each([
    ['without a time', (m: Csr) => noTimes(m)],
    ['of the same time', (m: Csr) => new Float64Array(m.indices.length).fill(7)],
  ])('holds out pairs %s at random, whatever their place', (_, timesOf) => {
    const matrix = users(...new Array(300).fill(10));
    const split = splitByTime(matrix, timesOf(matrix), LEAVE_LAST_OUT, createRng(4));
    const perItem = [...columnSums({ ...split.test, values: split.test.values.map(() => 1) })];
    // 30 each in the mean; 5 standard deviations are 26.
    for (const count of perItem) expect(Math.abs(count - 30)).toBeLessThan(26);
  });

  it('is the same for the same seed and another for another', () => {
    const matrix = users(9, 9, 9, 9, 9, 9);
    const split = (seed: number) => splitByTime(matrix, noTimes(matrix), LAST_FRACTION, createRng(seed));
    expect(split(1)).toEqual(split(1));
    expect(split(1).test).not.toEqual(split(2).test);
  });

  it('says in words what it did', () => {
    expect(describeSplit(LAST_FRACTION, 7)).toMatch(/20 % are test.*10 % before validation.*seed 7/);
    expect(describeSplit(LEAVE_LAST_OUT, 8)).toMatch(/newest pair is test.*seed 8/);
  });
});
