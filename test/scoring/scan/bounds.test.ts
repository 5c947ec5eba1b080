import { describe, expect, test } from 'vitest';
import { quantizeRows } from '../../../src/artifact/student/quantize.ts';
import type { QuantizedRows } from '../../../src/artifact/student/student-weights.ts';
import { createRng } from '../../../src/core/rng.ts';
import { runAtOnce } from '../../../src/core/slices.ts';
import { computeBounds, type RowBounds } from '../../../src/scoring/scan/bounds.ts';
import { createScanKernel } from '../../../src/scoring/scan/kernel.ts';
import { createPlainKernel } from '../../../src/scoring/scan/plain-kernel.ts';
import { normals } from '../../artifact/sample-student.ts';

const length = (vector: ArrayLike<number>) => Math.hypot(...Array.from(vector));

/** A row less the mean, and what its sketch leaves of it: inside of the principal directions and outside of them. */
function partsOf({ q, scale, width }: QuantizedRows, bounds: RowBounds, row: number) {
  const { values, rows: directions } = bounds.directions;
  const whole = Array.from({ length: width }, (_, k) => scale[row]! * q[row * width + k]!);
  const centred = whole.map((value, k) => value - bounds.mean[k]!);
  const outside = [...centred];
  const inside = new Array<number>(width).fill(0);
  for (let j = 0; j < directions; j++) {
    const direction = values.subarray(j * width, (j + 1) * width);
    const part = direction.reduce((sum, value, k) => sum + value * centred[k]!, 0);
    const lost = part - bounds.sketchScale[row]! * bounds.sketch[row * directions + j]!;
    direction.forEach((value, k) => {
      inside[k]! += lost * value;
      outside[k]! -= part * value;
    });
  }
  return { whole, centred, inside, outside };
}

/** Like trained vectors: energy falls off from direction to direction. */
function sample(width: number, rows: number) {
  const rng = createRng(width);
  const values = normals(rng, rows * width).map((value, at) => value / (1 + (at % width)));
  return { items: quantizeRows(values, rows, width), bias: normals(rng, rows) };
}

describe('bounds of a row', () => {
  test.each([8, 16, 64])('are no smaller than what they bound and its roundings: %i dimensions', (width) => {
    const { items, bias } = sample(width, 200);
    const bounds = runAtOnce(computeBounds(items, bias))!;
    const mean = length(bounds.mean);
    for (let row = 0; row < items.rows; row++) {
      const parts = partsOf(items, bounds, row);
      const norm = length(parts.centred);
      const whole = length(parts.whole) + mean;
      // As the beginning of bounds.ts promises, less the rounding of the numbers themselves to float32.
      const promised = (value: number) => value * (1 - 2 ** -22);
      expect(bounds.norm[row]).toBeGreaterThanOrEqual(promised(norm + 2 ** -18 * whole));
      const room = 2 ** -11 * norm + 2 ** -12 * whole;
      expect(bounds.inside[row]).toBeGreaterThanOrEqual(promised(length(parts.inside) + room));
      expect(bounds.outside[row]).toBeGreaterThanOrEqual(
        promised(Math.hypot(length(parts.outside), Math.sqrt(5e-7) * norm)),
      );
      expect(bounds.ceiling[row]).toBeGreaterThanOrEqual(bias[row]!);
    }
  });
});

describe('no bound loses the best row to the next best ones, however little better it is,', () => {
  const DIRECTIONS = ['centred', 'inside', 'outside'] as const;

  test.each([8, 16, 64].flatMap((width) => DIRECTIONS.map((part) => [width, part] as const)))(
    '%i dimensions, for a user who looks along the part of a row that is %s',
    (width, part) => {
      const { items, bias: none } = sample(width, 100);
      const bounds = runAtOnce(computeBounds(items, none))!;
      for (let best = 0; best < items.rows; best++) {
        // Along this vector the inequality of Cauchy and Schwarz is an equation, and the bound has nothing to spare.
        const user = Float32Array.from(partsOf(items, bounds, best)[part]);
        const size = length(user);
        if (size < 1e-9) continue;
        const scores = new Float32Array(items.rows);
        createPlainKernel(items, new Float32Array(items.rows)).scoresInto(user, scores);
        const bias = scores.map((score, row) =>
          row === best ? 0 : scores[best]! - score - 1e-4 * size * size,
        );
        const { rows } = createScanKernel(items, bias, { typicalNorm: size }).topK(user, 1);
        expect(rows[0]).toBe(best);
      }
    },
  );
});

test('a block is not skipped whose one good row lies along the user', () => {
  // In the first block the rows are longer and score 119; in the second one scores 120, the others nothing.
  const longer = [119, 25];
  const best = [120, 0];
  const values = [
    ...Array.from({ length: 16 }, () => [longer, longer.map((x) => -x)]).flat(),
    best.map((x) => -x),
    best,
    ...Array.from({ length: 30 }, () => [0, 0]),
  ];
  const items = { rows: 64, width: 2, q: Int8Array.from(values.flat()), scale: new Float32Array(64).fill(1) };
  const kernel = createScanKernel(items, new Float32Array(64));
  expect(kernel.topK([1, 0], 1).rows[0]).toBe(33);
});
