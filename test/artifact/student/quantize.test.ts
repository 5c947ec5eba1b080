import { describe, expect, test } from 'vitest';
import { dequantizeRows, quantizeRows } from '../../../src/artifact/student/quantize.ts';
import { createRng } from '../../../src/core/rng.ts';

describe('quantizeRows', () => {
  test('brings the largest magnitude of each row to 127, whatever its sign', () => {
    const { q, scale } = quantizeRows(Float32Array.of(1.01, -2, 0.6, 40, 10, -5), 2, 3);
    expect([...q]).toEqual([64, -127, 38, 127, 32, -16]);
    expect(scale[0]).toBeCloseTo(2 / 127, 8);
    expect(scale[1]).toBeCloseTo(40 / 127, 6);
  });

  test('is within half a step of every value', () => {
    const rng = createRng(7);
    for (const width of [1, 3, 32, 65]) {
      const rows = 50;
      const values = Float32Array.from({ length: rows * width }, () => rng.normal() * 10 ** (rng.int(9) - 4));
      const matrix = quantizeRows(values, rows, width);
      const back = dequantizeRows(matrix);
      for (let i = 0; i < values.length; i++) {
        const half = matrix.scale[Math.floor(i / width)] * 0.500001;
        expect(Math.abs(back[i] - values[i])).toBeLessThanOrEqual(half);
      }
    }
  });

  test('gives the same integers again when its own result is quantised', () => {
    const rng = createRng(8);
    const first = quantizeRows(
      Float32Array.from({ length: 640 }, () => rng.normal()),
      20,
      32,
    );
    expect(quantizeRows(dequantizeRows(first), 20, 32).q).toEqual(first.q);
  });

  test('keeps zero rows zero, also those too small for a float32 scale', () => {
    const { q, scale } = quantizeRows(Float32Array.of(0, -0, 1.4e-45, 0, 3, 3), 3, 2);
    expect([...q]).toEqual([0, 0, 0, 0, 127, 127]);
    expect([...scale.subarray(0, 2)]).toEqual([0, 0]);
  });

  test('stays within int8 at the ends of the float32 range', () => {
    const { q, scale } = quantizeRows(Float32Array.of(3.4e38, -3.4e38, 1e-43, -1e-43), 2, 2);
    expect([...q.subarray(0, 2)]).toEqual([127, -127]);
    expect(Math.abs(q[2])).toBeLessThanOrEqual(127);
    expect(scale.every((s) => Number.isFinite(s))).toBe(true);
  });

  test.each([Number.NaN, Number.POSITIVE_INFINITY, Number.NEGATIVE_INFINITY])(
    'refuses %s and names its row',
    (value) => {
      expect(() => quantizeRows(Float32Array.of(1, 2, 3, value), 2, 2)).toThrow(/row 1 holds .* in column 1/);
    },
  );

  test('accepts a matrix without rows', () => {
    expect(quantizeRows(new Float32Array(0), 0, 8)).toMatchObject({ rows: 0, width: 8 });
  });
});
