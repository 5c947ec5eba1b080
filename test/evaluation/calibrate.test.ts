import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { createResampling } from '../../src/evaluation/bootstrap.ts';
import {
  bestThreshold,
  calibrate,
  chooseThresholds,
  denseLabels,
  probabilities,
} from '../../src/evaluation/calibrate.ts';
import { labelMetrics, pairLabellers, tallyLabels } from '../../src/evaluation/label-tally.ts';
import { csrOf } from '../helpers/data.ts';

describe('calibration', () => {
  it('finds the scale and shift that the truth was drawn with', () => {
    const rng = createRng(2);
    const logits = Float32Array.from({ length: 20_000 }, () => 4 * rng.normal());
    const known = csrOf(
      Array.from({ length: 10_000 }, (_, r) =>
        [0, 1].map((l) => Number(rng.next() < 1 / (1 + Math.exp(-(0.5 * logits[2 * r + l]! - 1))))),
      ),
    );
    const { scale, shift } = calibrate(logits, denseLabels(known));
    expect(scale).toBeCloseTo(0.5, 1);
    expect(shift).toBeCloseTo(-1, 1);
  });

  it('makes no certainties of a few that are told apart, and no falling map', () => {
    const apart = calibrate(Float32Array.of(9, -9, 8, -8), Uint8Array.of(1, 0, 1, 0));
    const said = probabilities(Float32Array.of(9, -9), apart);
    // (2 + 1) / (2 + 2), as Platt has it.
    expect(said[0]).toBeCloseTo(0.75, 1);
    expect(said[1]).toBeCloseTo(0.25, 1);
    expect(calibrate(Float32Array.of(-9, 9, -8, 8), Uint8Array.of(1, 0, 1, 0))).toEqual({
      scale: 1,
      shift: 0,
    });
  });
});

describe('thresholds', () => {
  it('lie in the middle of the two values that the greatest F1 is between', () => {
    expect(bestThreshold(Float32Array.of(0.9, 0.7, 0.4, 0.1), Uint8Array.of(1, 1, 0, 0))).toBeCloseTo(
      0.55,
      6,
    );
    // Equal ones are taken together: 2 / 3 with both, against 0 without.
    expect(bestThreshold(Float32Array.of(0.5, 0.5, 0.2), Uint8Array.of(1, 0, 0))).toBeCloseTo(0.35, 6);
    expect(bestThreshold(Float32Array.of(0.5, 0.4), Uint8Array.of(0, 0))).toBe(0.5);
  });

  it('go half way to the own one of a label that enough have', () => {
    // Twelve have the first label at .8 and eight have not at .2; the second is on one.
    const rows = Array.from({ length: 20 }, (_, r) => [Number(r < 12), Number(r === 0)]);
    const values = Float32Array.from(rows.flatMap(([a], r) => [a ? 0.8 : 0.2, r === 0 ? 0.8 : 0.7]));
    const [first, second] = chooseThresholds(values, csrOf(rows));
    // For all: .8 and above. The first alone: the middle of .8 and .2.
    expect(second).toBeCloseTo(0.75, 6);
    expect(first).toBeCloseTo((0.75 + 0.5) / 2, 6);
  });
});

it('a tally of labels, by hand', () => {
  const known = csrOf([
    [1, 1, 0],
    [0, 1, 0],
    [1, 0, 0],
  ]);
  const said = Float32Array.of(0.9, 0.4, 0.6, 0.1, 0.8, 0.2, 0.3, 0.7, 0.1);
  const outcome = tallyLabels(said, Float32Array.of(0.5, 0.5, 0.5), known, [1]);
  const resampling = createResampling(3, createRng(1));
  const { metrics, figures } = labelMetrics(outcome, resampling);
  // Right: (0,0), (1,1). Wrong: (0,2), (2,1). Missed: (0,1), (2,0).
  expect(metrics.microF1!.value).toBeCloseTo(4 / 8, 12);
  expect(metrics.microPrecision!.value).toBeCloseTo(1 / 2, 12);
  expect(metrics.microRecall!.value).toBeCloseTo(1 / 2, 12);
  // Labels: 2/3, 2/4; the third was never there and once claimed: 0.
  expect(figures.macroF1).toBeCloseTo((2 / 3 + 1 / 2 + 0) / 3, 12);
  expect(metrics['precision@1']!.value).toBeCloseTo(2 / 3, 12);
  expect(metrics.lrap!.value).toBeCloseTo(((1 + 2 / 3) / 2 + 1 + 1 / 2) / 3, 12);
  const perfect = tallyLabels(
    Float32Array.of(1, 1, 0, 0, 1, 0, 1, 0, 0),
    Float32Array.of(0.5, 0.5, 0.5),
    known,
    [1],
  );
  const { share, gain } = pairLabellers(resampling);
  expect(share(outcome, perfect).microF1!.value).toBeCloseTo(1 / 2, 12);
  expect(gain(outcome, perfect).microF1!.value).toBeCloseTo(-1 / 2, 12);
});
