import { describe, expect, it } from 'vitest';
import {
  addToBins,
  averagePrecision,
  calibrationError,
  emptyBins,
  f1,
  labelPrecisionAt,
  macroF1,
  rankingAveragePrecision,
} from '../../src/evaluation/label-metrics.ts';

describe('label metrics', () => {
  it('F1 over all decisions and as a mean over labels', () => {
    // Two labels: 3 found, 1 missed, 2 wrongly claimed; 1 found, none missed, none wrong. Together 4 and 3.
    expect(f1(4, 3)).toBeCloseTo(8 / 11, 12);
    expect(macroF1([3, 1], [3, 0])).toBeCloseTo((6 / 9 + 1) / 2, 12);
    // One that nobody has and nobody claims says nothing; one that was only missed is 0.
    expect(macroF1([3, 0, 0], [3, 0, 2])).toBeCloseTo(6 / 9 / 2, 12);
    expect(f1(0, 0)).toBeNaN();
  });

  it.each<[number[], number[], number, number]>([
    [[0.9, 0.8, 0.7, 0.1], [0, 2], 1, 1],
    [[0.9, 0.8, 0.7, 0.1], [0, 2], 2, 1 / 2],
    [[0.9, 0.8, 0.7, 0.1], [0, 2], 3, 2 / 3],
    // The wrong one of two equals is first.
    [[0.5, 0.5], [0], 1, 0],
    [[0.5, 0.5, 0.5], [0, 1], 2, 1 / 2],
    // Fewer labels than places.
    [[0.5, 0.4], [1], 5, 1 / 5],
  ])('precision of %j with the labels %j at %d is %d', (scores, relevant, k, expected) => {
    expect(labelPrecisionAt(scores, relevant, k)).toBeCloseTo(expected, 12);
  });

  it.each<[number[], number[], number]>([
    // The example of scikit-learn's documentation, row by row.
    [[0.75, 0.5, 1], [0], 1 / 2],
    [[1, 0.2, 0.1], [2], 1 / 3],
    // Ranks 1 and 3 of own labels 1 and 2.
    [[0.9, 0.8, 0.7, 0.1], [0, 2], (1 + 2 / 3) / 2],
    // All are equal: two of three.
    [[0.5, 0.5, 0.5], [0, 1], 2 / 3],
    [[3, 2, 1], [0, 1, 2], 1],
  ])('ranking average precision of %j with the labels %j', (scores, relevant, expected) => {
    expect(rankingAveragePrecision(scores, relevant)).toBeCloseTo(expected, 12);
  });

  it('average precision of all decisions, equal scores being one step', () => {
    const scores = Float32Array.of(0.9, 0.8, 0.8, 0.1);
    // 1 of 1, then 2 of 3, then 3 of 4.
    expect(averagePrecision(scores, Uint8Array.of(1, 1, 0, 1))).toBeCloseTo((1 + 2 / 3 + 3 / 4) / 3, 12);
    expect(averagePrecision(scores, Uint8Array.of(0, 0, 0, 1))).toBeCloseTo(1 / 4, 12);
    expect(averagePrecision(scores, new Uint8Array(4))).toBeNaN();
  });

  it('says nothing of an entity without labels', () => {
    expect(rankingAveragePrecision([1, 2], [])).toBeNaN();
    expect(labelPrecisionAt([1, 2], [], 1)).toBeNaN();
  });

  it('calibration error: mean distance of probabilities from what came true, by bins', () => {
    const bins = emptyBins();
    // .9 four times, true three times: .15 off; .1 twice, never true: .1 off; 1 once, true.
    for (const happened of [true, true, true, false]) addToBins(bins, 0.9, happened);
    for (let i = 0; i < 2; i++) addToBins(bins, 0.1, false);
    expect(calibrationError(bins)).toBeCloseTo((4 * 0.15 + 2 * 0.1) / 6, 12);
    addToBins(bins, 1, true);
    // It shares the last bin with none: 14/15 is above .9.
    expect(calibrationError(bins)).toBeCloseTo((4 * 0.15 + 2 * 0.1) / 7, 12);
  });
});
