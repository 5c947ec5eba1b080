import { describe, expect, test } from 'vitest';
import type { StudentWeights } from '../../src/artifact/student/student-weights.ts';
import { DEFAULT_WEIGHTING } from '../../src/domain/data/weighting.ts';
import { createStudentScorer } from '../../src/scoring/student-scorer.ts';
import { createUserVectors, MAX_HISTORY } from '../../src/scoring/user-vector.ts';
import { createHistoryFold } from '../../src/serving/caches/history.ts';
import type { HistoryRow } from '../../src/store/data/contract.ts';
import { sampleWeights } from '../artifact/sample-student.ts';

/** E_in = [[1, 2], [0, -4], [10, 0]], with scales of a half, 1 and 2. */
const hand = (change: Partial<StudentWeights>): StudentWeights => ({
  itemsIn: { rows: 3, width: 2, q: Int8Array.of(2, 4, 0, -4, 5, 0), scale: Float32Array.of(0.5, 1, 2) },
  itemsOut: { rows: 3, width: 2, q: Int8Array.of(1, 0, 0, 1, 1, 1), scale: Float32Array.of(1, 1, 2) },
  userBias: Float32Array.of(0.5, -1),
  inner: null,
  itemBias: Float32Array.of(0, 10, 0),
  popularity: Float32Array.of(2, 7, 2),
  quantization: 'int8',
  normalization: 'none',
  activation: 'identity',
  ...change,
});
const fold = (change: Partial<StudentWeights>, rows: number[], weights: number[]) => [
  ...createUserVectors(hand(change)).fold(rows, weights),
];

describe('the user vector', () => {
  // 3 * [1, 2] + 4 * [0, -4] = [3, -10]
  test('is the bias plus the weighted sum of the history rows', () => {
    expect(fold({}, [0, 1], [3, 4])).toEqual([3.5, -11]);
  });
  test('l2 divides the sum by the length of the weights', () => {
    expect(fold({ normalization: 'l2' }, [0, 1], [3, 4])).toEqual(
      [0.5 + 3 / 5, -1 - 10 / 5].map(Math.fround),
    );
  });
  test('sqrt divides the sum by the root of the sum of the weights', () => {
    expect(fold({ normalization: 'sqrt' }, [0, 1], [3, 6])).toEqual([0.5 + 3 / 3, -1 + (6 - 24) / 3]);
  });
  test('relu and tanh apply to the sum with the bias', () => {
    expect(fold({ activation: 'relu' }, [0, 1], [3, 4])).toEqual([3.5, 0]);
    expect(fold({ activation: 'tanh' }, [2], [0.1])).toEqual(
      [Math.tanh(1.5), Math.tanh(-1)].map(Math.fround),
    );
  });
  test.each(['none', 'l2', 'sqrt'] as const)(
    'is the bias alone for an empty history, %s',
    (normalization) => {
      expect(fold({ normalization }, [], [])).toEqual([0.5, -1]);
    },
  );
  test('does not remember the history before', () => {
    const vectors = createUserVectors(hand({}));
    vectors.fold([2], [5]);
    expect([...vectors.fold([0, 1], [3, 4])]).toEqual([3.5, -11]);
  });
});

describe('the student scorer', () => {
  test('ranks by E_out u + c', () => {
    const { rows, scores, length } = createStudentScorer(hand({})).recommend([0, 1], [3, 4], 3);
    // u = [3.5, -11]: 3.5, -11 + 10, 2 * (3.5 - 11)
    expect([length, [...rows.subarray(0, 3)], [...scores.subarray(0, 3)]]).toEqual([
      3,
      [0, 1, 2],
      [3.5, -1, -15],
    ]);
  });

  test('leaves both lists of exclusions out', () => {
    const { rows, length } = createStudentScorer(hand({})).recommend([0], [1], 3, [0], Int32Array.of(2));
    expect([...rows.subarray(0, length)]).toEqual([1]);
  });

  test('gives evaluation the same scores as serving', () => {
    const scorer = createStudentScorer(sampleWeights(50, 12));
    const all = new Float32Array(50);
    scorer.scoresInto([3, 4], [1, 0.5], all);
    const { rows, scores } = scorer.recommend([3, 4], [1, 0.5], 50);
    expect([...scores.subarray(0, 50)]).toEqual([...rows.subarray(0, 50)].map((row) => all[row]));
  });

  test('orders popularity best first, equal ones by row', () => {
    expect([...createStudentScorer(hand({})).popularityOrder]).toEqual([1, 0, 2]);
  });
});

describe('the history fold', () => {
  const rowOf = new Map(Array.from({ length: 3000 }, (_, i) => [`i${i}`, i]));
  const fold = createHistoryFold(rowOf, {
    ...DEFAULT_WEIGHTING,
    types: { ...DEFAULT_WEIGHTING.types, click: { weight: 0.25 } },
  });
  const row = (itemId: string, type: string, value: number | null = null): HistoryRow => ({
    itemId,
    type,
    value,
    timestamp: null,
  });
  const lists = (history: HistoryRow[]) => {
    const { rows, weights, seen } = fold(history, 0);
    return { rows: [...rows], weights: [...weights], seen: [...seen] };
  };

  test('weighs an item by its strongest interaction, wherever it stands', () => {
    const history = [row('i7', 'click'), row('i5', 'click'), row('i7', 'purchase'), row('i7', 'click')];
    expect(lists(history)).toEqual({ rows: [7, 5], weights: [1, 0.25], seen: [7, 5] });
  });

  test('counts what does not weigh as seen only', () => {
    expect(lists([row('i2', 'rating', 1), row('i3', 'rating', 5)])).toEqual({
      rows: [3],
      weights: [1],
      seen: [2, 3],
    });
  });

  test('ignores items that the model does not know', () => {
    expect(lists([row('new', 'click'), row('i1', 'click')])).toEqual({
      rows: [1],
      weights: [0.25],
      seen: [1],
    });
  });

  test('ages by the half-life stored with the model', () => {
    const aging = createHistoryFold(rowOf, { types: {}, otherTypes: 1, halfLifeDays: 10 });
    const { weights } = aging([{ itemId: 'i0', type: 'click', value: null, timestamp: 0 }], 20 * 86_400_000);
    expect([...weights]).toEqual([0.25]);
  });

  test(`folds the newest ${MAX_HISTORY} items and sees all`, () => {
    const { rows, seen } = lists(Array.from({ length: 2500 }, (_, i) => row(`i${i}`, 'click')));
    expect(rows).toEqual([...Array(MAX_HISTORY).keys()]);
    expect(seen).toEqual([...Array(2500).keys()]);
  });

  test('goes on behind what does not count, and behind repeats, until it has enough items', () => {
    const few = createHistoryFold(rowOf, DEFAULT_WEIGHTING, { most: 3 });
    const disliked = Array.from({ length: 700 }, (_, i) => row(`i${1000 + i}`, 'rating', 1));
    const again = Array.from({ length: 700 }, () => row('i9', 'click'));
    const { rows, seen } = few(
      [...disliked, ...again, row('i3', 'click'), row('i4', 'click'), row('i5', 'click')],
      0,
    );
    expect([...rows]).toEqual([9, 3, 4]);
    expect(seen).toHaveLength(704);
  });

  test('still finds the strongest interaction of its items where it has enough of them', () => {
    const few = createHistoryFold(
      rowOf,
      { types: { click: { weight: 1 } }, otherTypes: 5, halfLifeDays: null },
      { most: 1 },
    );
    const { rows, weights } = few([row('i7', 'click'), row('i5', 'buy'), row('i7', 'buy')], 0);
    expect([[...rows], [...weights]]).toEqual([[7], [5]]);
  });

  test('does not remember the history before', () => {
    lists([row('i7', 'purchase'), row('i5', 'purchase')]);
    expect(lists([row('i5', 'click'), row('i7', 'click')])).toMatchObject({
      rows: [5, 7],
      weights: [0.25, 0.25],
    });
  });
});
