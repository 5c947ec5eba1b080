import { describe, expect, test } from 'vitest';
import { quantizeRows } from '../../src/artifact/quantize.ts';
import type { QuantizedRows } from '../../src/artifact/student-weights.ts';
import { createRng } from '../../src/core/rng.ts';
import { createScanKernel } from '../../src/serving/kernel.ts';
import type { TopK } from '../../src/serving/top-heap.ts';
import { normals } from '../artifact/sample-student.ts';

type Ranked = [row: number, score: number][];

/** One row after the other in float64, then a full stable sort. */
function reference(
  items: QuantizedRows,
  bias: Float32Array,
  user: Float32Array,
  k: number,
  out = new Set<number>(),
): Ranked {
  const all = Array.from({ length: items.rows }, (_, row): [number, number] => {
    let sum = 0;
    for (let i = 0; i < items.width; i++) sum += items.q[row * items.width + i] * user[i];
    return [row, Math.fround(items.scale[row] * sum + bias[row])];
  });
  return all
    .filter(([row]) => !out.has(row))
    .sort((a, b) => b[1] - a[1] || a[0] - b[0])
    .slice(0, k);
}

const read = ({ rows, scores, length }: TopK): Ranked =>
  Array.from({ length }, (_, i): [number, number] => [rows[i], scores[i]]);

describe('the scan kernel', () => {
  test('equals a naive float64 scan, bit by bit, for 1 to 128 dimensions and any number of rows', () => {
    const rng = createRng(11);
    for (let d = 1; d <= 128; d++) {
      const n = d % 16 === 0 ? 2000 + rng.int(100) : rng.int(60);
      const items = quantizeRows(normals(rng, n * d), n, d);
      const bias = normals(rng, n);
      const kernel = createScanKernel(items, bias);
      for (const k of [1, 10, 1 + rng.int(n + 20)]) {
        const user = normals(rng, d);
        const out = new Set(Array.from({ length: rng.int(1 + n / 2) }, () => rng.int(n)));
        kernel.exclude([...out]);
        expect(read(kernel.topK(user, k))).toEqual(reference(items, bias, user, k, out));
      }
    }
  });

  test('keeps the order of rows among equal scores, as few distinct scores make many ties', () => {
    const rng = createRng(12);
    for (let round = 0; round < 100; round++) {
      const n = 1 + rng.int(300);
      const d = 1 + rng.int(4);
      const items: QuantizedRows = {
        rows: n,
        width: d,
        q: Int8Array.from({ length: n * d }, () => rng.int(3) - 1),
        scale: new Float32Array(n).fill(1),
      };
      const user = new Float32Array(d).fill(1);
      const bias = new Float32Array(n);
      const k = 1 + rng.int(n);
      expect(read(createScanKernel(items, bias).topK(user, k))).toEqual(reference(items, bias, user, k));
    }
  });

  test('gives the first rows when all scores are equal', () => {
    const kernel = createScanKernel(
      quantizeRows(new Float32Array(50 * 3).fill(2), 50, 3),
      new Float32Array(50),
    );
    expect([...kernel.topK(Float32Array.of(1, 1, 1), 20).rows.subarray(0, 20)]).toEqual([
      ...Array(20).keys(),
    ]);
  });

  test('ranks zero rows, and a zero user, by the bias alone', () => {
    const bias = Float32Array.of(-1, 3, 0, 3, -2);
    const kernel = createScanKernel(quantizeRows(new Float32Array(10), 5, 2), bias);
    const expected = [
      [1, 3],
      [3, 3],
      [2, 0],
      [0, -1],
      [4, -2],
    ];
    expect(read(kernel.topK(Float32Array.of(5, 5), 5))).toEqual(expected);
    expect(read(kernel.topK(Float32Array.of(0, 0), 5))).toEqual(expected);
  });

  test('never lets the padding in, although it would score above all rows', () => {
    const kernel = createScanKernel(quantizeRows(new Float32Array(9), 9, 1), new Float32Array(9).fill(-5));
    expect(read(kernel.topK(Float32Array.of(1), 100))).toHaveLength(9);
  });

  test('handles extreme scales', () => {
    const items = quantizeRows(Float32Array.of(1e-38, 3e38, -3e38, 1e-45, 1), 5, 1);
    const bias = new Float32Array(5);
    const user = Float32Array.of(0.5);
    expect(read(createScanKernel(items, bias).topK(user, 5))).toEqual(reference(items, bias, user, 5));
  });

  test('gives nothing for k = 0, a catalogue of none, and a user that is not a number', () => {
    const some = createScanKernel(quantizeRows(Float32Array.of(1, 2), 2, 1), new Float32Array(2));
    const none = createScanKernel(quantizeRows(new Float32Array(0), 0, 4), new Float32Array(0));
    expect(some.topK(Float32Array.of(1), 0).length).toBe(0);
    expect(some.topK(Float32Array.of(1), -3).length).toBe(0);
    expect(some.topK(Float32Array.of(Number.NaN), 2).length).toBe(0);
    expect(none.topK(new Float32Array(4), 10).length).toBe(0);
  });

  test('gives what there is when k is larger than the catalogue, before and after a smaller k', () => {
    const rng = createRng(13);
    const items = quantizeRows(normals(rng, 500 * 8), 500, 8);
    const bias = normals(rng, 500);
    const kernel = createScanKernel(items, bias);
    const user = normals(rng, 8);
    for (const k of [3, 100_000, 5, 499, 500]) {
      expect(read(kernel.topK(user, k))).toEqual(reference(items, bias, user, k));
    }
  });

  test('forgets exclusions after one scan, ignores rows out of range, and can exclude everything', () => {
    const kernel = createScanKernel(quantizeRows(Float32Array.of(3, 2, 1), 3, 1), new Float32Array(3));
    const user = Float32Array.of(1);
    kernel.exclude([0, 99, -1]);
    kernel.exclude(Int32Array.of(2));
    expect(read(kernel.topK(user, 3)).map(([row]) => row)).toEqual([1]);
    expect(read(kernel.topK(user, 3)).map(([row]) => row)).toEqual([0, 1, 2]);
    kernel.exclude([0, 1, 2]);
    expect(kernel.topK(user, 3).length).toBe(0);
  });

  test('reuses its arrays: a second scan of the same size allocates none', () => {
    const kernel = createScanKernel(quantizeRows(new Float32Array(100), 100, 1), new Float32Array(100));
    const first = kernel.topK(Float32Array.of(1), 10);
    expect(kernel.topK(Float32Array.of(2), 10).rows).toBe(first.rows);
  });

  test('scoresInto gives the very numbers that topK ranks by', () => {
    const rng = createRng(14);
    const items = quantizeRows(normals(rng, 77 * 9), 77, 9);
    const bias = normals(rng, 77);
    const kernel = createScanKernel(items, bias);
    const user = normals(rng, 9);
    const scores = new Float32Array(77);
    kernel.scoresInto(user, scores);
    for (const [row, score] of read(kernel.topK(user, 77))) expect(scores[row]).toBe(score);
  });
});
