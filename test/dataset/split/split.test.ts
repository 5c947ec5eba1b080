import { describe, expect, it } from 'vitest';
import { type Csr, columnSums, rowLength, unionRows } from '../../../src/dataset/matrix.ts';
import { describeSplit } from '../../../src/dataset/split/describe-split.ts';
import { positionsInOrder } from '../../../src/dataset/split/places.ts';
import {
  historyFor,
  knownFor,
  type Split,
  type SplitPlan,
  splitPairs,
  studentHistories,
} from '../../../src/dataset/split/split.ts';
import { TEST, TRAIN, VALIDATION } from '../../../src/dataset/split/split-parts.ts';
import { splitWarnings } from '../../../src/training/run/split-warnings.ts';
import { csrOf, pairsOf, sequencesOf } from '../../helpers/data.ts';

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
    const split = splitPairs(pairsOf(matrix, time), LAST_FRACTION, 1);
    expect(itemsOf(split.test, 0)).toEqual([0, 1]);
    expect(itemsOf(split.validation, 0)).toEqual([2]);
    expect(itemsOf(split.train, 0)).toEqual([3, 4, 5, 6, 7, 8, 9]);
  });

  it('leaves one out for the test and the one before for validation, however long the history', () => {
    const matrix = users(3, 40);
    const time = Float64Array.from(matrix.indices, (item) => item);
    const split = splitPairs(pairsOf(matrix, time), LEAVE_LAST_OUT, 1);
    expect([itemsOf(split.test, 0), itemsOf(split.test, 1)]).toEqual([[2], [39]]);
    expect([itemsOf(split.validation, 0), itemsOf(split.validation, 1)]).toEqual([[1], [38]]);
  });

  it('goes by the order of the matrix where items have one time', () => {
    const matrix = sequencesOf([[4, 0, 3, 1, 2]], 5);
    const firstSeen = new Float64Array(5).fill(7);
    const split = splitPairs(pairsOf(matrix, firstSeen), LEAVE_LAST_OUT, 1);
    expect([itemsOf(split.test, 0), itemsOf(split.validation, 0)]).toEqual([[2], [1]]);
    const history = historyFor(split, 'test');
    expect([...positionsInOrder(history, 0)].map((p) => history.indices[p])).toEqual([4, 0, 3, 1]);
  });

  it.each([LAST_FRACTION, LEAVE_LAST_OUT, { ...LAST_FRACTION, testFraction: 0.5, validationFraction: 0.5 }])(
    'has disjoint parts whose union is the whole, and a training pair for every user ($strategy $testFraction)',
    (plan) => {
      const matrix = users(1, 2, 3, 4, 7, 15, 31);
      const { train, validation, test } = splitPairs(pairsOf(matrix, noTimes(matrix)), plan, 3);
      expect(unionRows(unionRows(train, validation), test)).toEqual(matrix);
      const entries = train.indices.length + validation.indices.length + test.indices.length;
      expect(entries).toBe(matrix.indices.length);
      for (let u = 0; u < matrix.rows; u++) expect(rowLength(train, u)).toBeGreaterThan(0);
    },
  );

  it('does not test users with fewer than three pairs, and tests everyone else', () => {
    const matrix = users(0, 1, 2, 3, 4);
    for (const plan of [LAST_FRACTION, LEAVE_LAST_OUT]) {
      const { test, validation } = splitPairs(pairsOf(matrix, noTimes(matrix)), plan, 3);
      expect(Array.from({ length: 5 }, (_, u) => rowLength(test, u))).toEqual([0, 0, 0, 1, 1]);
      expect(Array.from({ length: 5 }, (_, u) => rowLength(validation, u))).toEqual([0, 0, 0, 1, 1]);
    }
  });

  it('takes pairs without a time for the oldest', () => {
    const matrix = users(6);
    const time = Float64Array.from([Number.NaN, 5, Number.NaN, 6, Number.NaN, 0]);
    const split = splitPairs(pairsOf(matrix, time), LEAVE_LAST_OUT, 2);
    expect(itemsOf(split.test, 0)).toEqual([3]);
    expect(itemsOf(split.validation, 0)).toEqual([1]);
    const wide = { ...LAST_FRACTION, testFraction: 0.34, validationFraction: 0.17 };
    expect(itemsOf(splitPairs(pairsOf(matrix, time), wide, 2).validation, 0)).toEqual([5]);
  });

  it.each([
    ['without a time', (m: Csr) => noTimes(m)],
    ['of the same time', (m: Csr) => new Float64Array(m.indices.length).fill(7)],
  ])('holds out pairs %s at random, whatever their place', (_, timesOf) => {
    const matrix = users(...new Array(300).fill(10));
    const split = splitPairs(pairsOf(matrix, timesOf(matrix)), LEAVE_LAST_OUT, 4);
    const perItem = [...columnSums({ ...split.test, values: split.test.values.map(() => 1) })];
    // 30 each in the mean; 5 standard deviations are 26.
    for (const count of perItem) expect(Math.abs(count - 30)).toBeLessThan(26);
  });

  it('is the same for the same seed and another for another', () => {
    const matrix = users(9, 9, 9, 9, 9, 9);
    const split = (seed: number) => splitPairs(pairsOf(matrix, noTimes(matrix)), LAST_FRACTION, seed);
    expect(split(1)).toEqual(split(1));
    expect(split(1).test).not.toEqual(split(2).test);
  });
});

const parts = ({ train, validation, test, foldIn }: Split) => [train, validation, test, foldIn];
const count = (m: Csr) => m.indices.length;

it('by chance holds out as much as by time, whatever the times', () => {
  const matrix = users(...new Array(50).fill(10));
  const plan: SplitPlan = { strategy: 'random', testFraction: 0.2, validationFraction: 0.1 };
  const firstSeen = Float64Array.from(matrix.indices, (item) => item);
  const split = splitPairs(pairsOf(matrix, firstSeen), plan, 1);
  expect(parts(split).map(count)).toEqual([350, 50, 100, 0]);
  // By time every test pair would be of item 8 or 9.
  expect(new Set(split.test.indices).size).toBe(10);
});

describe('a split at one moment', () => {
  const matrix = users(4, 2, 3);
  const firstSeen = Float64Array.of(1, 2, 8, Number.NaN, 7, 9, 3, 5, 6);

  it('by dates puts everything after it into the test, for users of whom something is known', () => {
    const at = (ms: number) => new Date(ms).toISOString();
    const plan: SplitPlan = { strategy: 'global-time', validationSince: at(5), testSince: at(7) };
    const split = splitPairs(pairsOf(matrix, firstSeen), plan, 1);
    expect([0, 1, 2].map((u) => itemsOf(split.train, u))).toEqual([[0, 1, 3], [], [0]]);
    expect([0, 1, 2].map((u) => itemsOf(split.validation, u))).toEqual([[], [], [1, 2]]);
    // User 1 came only after the moment.
    expect([0, 1, 2].map((u) => itemsOf(split.test, u))).toEqual([[2], [], []]);
  });

  it('by fractions finds the moments', () => {
    const plan: SplitPlan = { strategy: 'global-time', testFraction: 0.25, validationFraction: 0.25 };
    const split = splitPairs(pairsOf(matrix, firstSeen), plan, 1);
    expect([0, 1, 2].map((u) => itemsOf(split.test, u))).toEqual([[2], [], []]);
    expect([0, 1, 2].map((u) => itemsOf(split.validation, u))).toEqual([[], [], [2]]);
  });

  it.each([
    ['the interactions have no different times', new Float64Array(9).fill(Number.NaN)],
    ['the interactions have no different times', new Float64Array(9).fill(5)],
    // User 0 was there before, and never after.
    ['nobody who was there before has a pair after the moment', Float64Array.of(1, 1, 2, 2, 7, 9, 8, 8, 8)],
  ])('is by the newest fraction of each user where that is asked for and %s', (why, times) => {
    const plan = { strategy: 'global-time', testFraction: 0.25, validationFraction: 0.25 } as const;
    const pairs = pairsOf(matrix, times);
    const split = splitPairs(pairs, { ...plan, withoutTimes: 'last-fraction' }, 1);
    const last: SplitPlan = { ...plan, strategy: 'last-fraction' };
    expect(split).toEqual({ ...splitPairs(pairs, last, 1), instead: { plan: last, why } });
    expect(splitWarnings(split)).toEqual([
      expect.stringContaining(`The split is last-fraction and not global-time, as ${why}:`),
    ]);
  });

  it('is at the moment where that can be, whatever was asked for otherwise', () => {
    const plan = { strategy: 'global-time', testFraction: 0.25, validationFraction: 0.25 } as const;
    const pairs = pairsOf(matrix, firstSeen);
    const split = splitPairs(pairs, { ...plan, withoutTimes: 'last-fraction' }, 1);
    expect(split).toEqual(splitPairs(pairs, plan, 1));
    expect(splitWarnings(split)).toEqual([]);
  });

  it.each([
    ['no times', new Float64Array(9).fill(Number.NaN), /of 9 pairs 0 have a time/],
    ['one time', new Float64Array(9).fill(5), /at 1 different moments/],
  ])('is refused where there are %s', (_, times, detail) => {
    const plan: SplitPlan = { strategy: 'global-time', testFraction: 0.2, validationFraction: 0.1 };
    expect(() => splitPairs(pairsOf(matrix, times), plan, 1)).toThrow(detail);
  });
});

it('of users trains on no pair of those that are held out, and knows the older part of their history', () => {
  const matrix = users(...new Array(20).fill(10), 1);
  const plan: SplitPlan = {
    strategy: 'held-out-users',
    testFraction: 0.1,
    validationFraction: 0.2,
    foldInFraction: 0.8,
  };
  const firstSeen = Float64Array.from(matrix.indices, (item) => item);
  const split = splitPairs(pairsOf(matrix, firstSeen), plan, 3);
  const testUsers = [...Array(21).keys()].filter((u) => rowLength(split.test, u) > 0);
  expect(testUsers).toHaveLength(2);
  for (const u of testUsers) {
    expect(rowLength(split.train, u)).toBe(0);
    expect(itemsOf(split.foldIn, u)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(itemsOf(split.test, u)).toEqual([8, 9]);
    expect(itemsOf(historyFor(split, 'test'), u)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
  }
  expect(parts(split).map(count)).toEqual([141, 8, 4, 48]);
});

describe('what a student is taught on', () => {
  const matrix = users(4, 10, 2);
  const firstSeen = Float64Array.from(matrix.indices, (item) => item);

  it('is what is known before the test, of every user who is trained on', () => {
    const split = splitPairs(pairsOf(matrix, firstSeen), LAST_FRACTION, 1);
    const taught = studentHistories(split);
    expect(itemsOf(taught, 1)).toEqual([0, 1, 2, 3, 4, 5, 6, 7]);
    expect(itemsOf(taught, 2)).toEqual([0, 1]);
    expect(taught.rows).toBe(3);
  });

  it('leaves out users who are held out as a whole', () => {
    const plan: SplitPlan = {
      strategy: 'held-out-users',
      testFraction: 0.34,
      validationFraction: 0.34,
      foldInFraction: 0.5,
    };
    const split = splitPairs(pairsOf(matrix, firstSeen), plan, 1);
    const taught = studentHistories(split);
    for (let u = 0; u < 3; u++) expect(itemsOf(taught, u)).toEqual(itemsOf(split.train, u));
  });

  it('is the training pairs alone where the test is predicted from those', () => {
    const part = matrix.indices.map((item) => (item === 3 ? VALIDATION : item === 2 ? TEST : TRAIN));
    const types = { ...pairsOf(matrix, firstSeen), part: Uint8Array.from(part) };
    const plan: SplitPlan = { strategy: 'types', test: 'a', validation: 'b', testHistory: 'train' };
    expect(itemsOf(studentHistories(splitPairs(types, plan, 1)), 0)).toEqual([0, 1]);
  });
});

describe('a split by types', () => {
  const matrix = users(4, 3);
  const part = Uint8Array.of(TRAIN, TRAIN, VALIDATION, TEST, TRAIN, TRAIN, TRAIN);
  const pairs = { ...pairsOf(matrix, noTimes(matrix)), part };

  it('holds out what was imported for it', () => {
    const plan: SplitPlan = { strategy: 'types', test: 'test', validation: 'valid', testHistory: 'train' };
    const split = splitPairs(pairs, plan, 1);
    expect(itemsOf(split.validation, 0)).toEqual([2]);
    expect(itemsOf(split.test, 0)).toEqual([3]);
    expect(count(split.train)).toBe(5);
    expect(itemsOf(historyFor(split, 'test'), 0)).toEqual([0, 1]);
    expect(itemsOf(knownFor(split, 'test'), 0)).toEqual([0, 1, 2]);
    const all = splitPairs(pairs, { ...plan, testHistory: 'train+validation' }, 1);
    expect(itemsOf(historyFor(all, 'test'), 0)).toEqual([0, 1, 2]);
    expect(itemsOf(historyFor(all, 'validation'), 0)).toEqual([0, 1]);
  });

  it('without a validation type takes some of the training pairs, or none', () => {
    const noValidation = { ...pairs, part: part.map((p) => (p === VALIDATION ? TRAIN : p)) };
    const plan: SplitPlan = { strategy: 'types', test: 'test', validationFraction: 0.1 };
    const split = splitPairs(noValidation, plan, 1);
    expect(parts(split).map(count)).toEqual([4, 2, 1, 0]);
    expect(itemsOf(historyFor(split, 'test'), 0)).toEqual([0, 1, 2]);
    const none = splitPairs(noValidation, { ...plan, validationFraction: 0 }, 1);
    expect(parts(none).map(count)).toEqual([6, 0, 1, 0]);
  });
});

it.each<[SplitPlan, RegExp]>([
  [LAST_FRACTION, /last-fraction: .*20 % are test.*10 % before validation.*seed 7/],
  [LEAVE_LAST_OUT, /newest pair is test.*seed 7/],
  [
    { strategy: 'random', testFraction: 0.25, validationFraction: 0.125 },
    /25 % are test and 12.5 % validation/,
  ],
  [{ strategy: 'types', test: 'buy', validationFraction: 0 }, /type buy are test.*newest 0 % are validation/],
  [{ strategy: 'types', test: 'a', validation: 'b', testHistory: 'train' }, /computed from train \(/],
])('is told in words: %j', (plan, words) => {
  expect(describeSplit(plan, 7)).toMatch(words);
});
