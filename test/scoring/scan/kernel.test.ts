import { describe, expect, test } from 'vitest';
import { quantizeRows } from '../../../src/artifact/student/quantize.ts';
import type { QuantizedRows } from '../../../src/artifact/student/student-weights.ts';
import { createRng, type Rng } from '../../../src/core/rng.ts';
import { createScanKernel, type ScanKernel } from '../../../src/scoring/scan/kernel.ts';
import { createPlainKernel } from '../../../src/scoring/scan/plain-kernel.ts';
import type { TopK } from '../../../src/scoring/scan/top-heap.ts';
import { normals } from '../../artifact/sample-student.ts';

type Ranked = [row: number, score: number][];

const read = ({ rows, scores, length }: TopK): Ranked =>
  Array.from({ length }, (_, i): [number, number] => [rows[i], scores[i]]);

interface Matrix {
  items: QuantizedRows;
  bias: Float32Array;
}

/** Pruned, unpruned and plain must agree in every bit. */
function kernels({ items, bias }: Matrix, typicalNorm = 1): [string, ScanKernel, ScanKernel][] {
  const plain = createPlainKernel(items, bias);
  return [
    ['pruned', createScanKernel(items, bias, { typicalNorm }), plain],
    ['full', createScanKernel(items, bias, { pruning: false }), plain],
  ];
}

function compare(
  matrix: Matrix,
  user: Float32Array,
  ks: number[],
  out: number[] = [],
  allowed?: Uint8Array,
): void {
  for (const [name, kernel, plain] of kernels(matrix, Math.hypot(...user))) {
    const mask = allowed && { allowed };
    for (const k of ks) {
      kernel.exclude(out);
      plain.exclude(out);
      const expected = read(plain.topK(user, k, mask));
      expect(read(kernel.topK(user, k, mask)), `${name}, k ${k}`).toEqual(expected);
    }
    const scores = new Float32Array(matrix.items.rows);
    const expected = new Float32Array(matrix.items.rows);
    kernel.scoresInto(user, scores);
    plain.scoresInto(user, expected);
    expect(scores).toEqual(expected);
  }
}

/** Like trained vectors: energy falls off from direction to direction, norms differ, popular rows have a bias. */
function trained(rng: Rng, n: number, d: number): Matrix {
  const values = new Float32Array(n * d);
  const mean = normals(rng, d);
  for (let row = 0; row < n; row++) {
    const size = Math.exp(rng.normal());
    for (let k = 0; k < d; k++) values[row * d + k] = mean[k] + (size * rng.normal()) / (1 + k);
  }
  return { items: quantizeRows(values, n, d), bias: normals(rng, n) };
}

function random(rng: Rng, n: number, d: number): Matrix {
  return { items: quantizeRows(normals(rng, n * d), n, d), bias: normals(rng, n) };
}

const someOf = (rng: Rng, n: number) =>
  n === 0 ? [] : Array.from({ length: rng.int(1 + n / 2) }, () => rng.int(n));

describe('the scan kernel answers as the plain one, bit by bit', () => {
  test('for every number of dimensions from 1 to 256', () => {
    const rng = createRng(11);
    for (let d = 1; d <= 256; d++) {
      const n = d % 16 === 0 ? 1000 + rng.int(100) : rng.int(80);
      const matrix = d % 2 ? random(rng, n, d) : trained(rng, n, d);
      compare(matrix, normals(rng, d), [1, 10, 1 + rng.int(n + 20)], someOf(rng, n));
    }
  });

  test('for 0 to 100,000 items', () => {
    const rng = createRng(12);
    for (const n of [0, 1, 2, 3, 4, 5, 7, 8, 31, 32, 33, 64, 1025, 5000, 20_000, 100_000]) {
      compare(trained(rng, n, 32), normals(rng, 32), [1, 10, 1000], someOf(rng, n));
    }
  });

  test('with few distinct scores, which make many ties', () => {
    const rng = createRng(13);
    for (let round = 0; round < 100; round++) {
      const n = 1 + rng.int(300);
      const d = 1 + rng.int(70);
      const q = Int8Array.from({ length: n * d }, () => rng.int(3) - 1);
      const items: QuantizedRows = { rows: n, width: d, q, scale: new Float32Array(n).fill(1) };
      compare({ items, bias: new Float32Array(n) }, new Float32Array(d).fill(1), [1, 1 + rng.int(n)]);
    }
  });

  test.each([
    [1, 30_000],
    [256, 5000],
    [17, 33],
    [64, 20_000],
  ])('when all scores are equal, and when all rows are zeros: %i dimensions, %i items', (d, n) => {
    const rng = createRng(21);
    for (const value of [0, 3e-20]) {
      const items = quantizeRows(new Float32Array(n * d).fill(value), n, d);
      const bias = new Float32Array(n).fill(rng.normal());
      const out = Array.from({ length: 40 }, () => rng.int(n));
      compare({ items, bias }, normals(rng, d), [1, 10, 1000], out);
    }
  });

  test('with rows of zeros among others', () => {
    const rng = createRng(22);
    for (let round = 0; round < 12; round++) {
      const n = 1 + rng.int(2000);
      const d = 1 + rng.int(256);
      const { items, bias } = trained(rng, n, d);
      for (let row = 0; row < n; row++) {
        if (rng.int(2)) items.q.fill(0, row * d, (row + 1) * d);
        if (rng.int(3) === 0) bias[row] = 0;
      }
      compare({ items, bias }, normals(rng, d), [1, 10, n], someOf(rng, n));
    }
  });

  test('with masks and exclusions, narrow and wide', () => {
    const rng = createRng(14);
    for (let round = 0; round < 25; round++) {
      const n = 1 + rng.int(4000);
      const share = rng.next() ** 3;
      const allowed = Uint8Array.from({ length: n }, () => (rng.next() < share ? 1 : 0));
      compare(trained(rng, n, 48), normals(rng, 48), [1, 10, 1 + rng.int(n)], someOf(rng, n), allowed);
    }
  });

  test('with scales from the smallest to the largest numbers, in rows, biases and users', () => {
    const rng = createRng(15);
    const powers = [-150, -126, -70, -61, -41, -20, 0, 20, 41, 61, 90, 127];
    for (let round = 0; round < 150; round++) {
      const n = 1 + rng.int(200);
      const d = 1 + rng.int(64);
      const matrix = random(rng, n, d);
      const any = () => 2 ** powers[rng.int(powers.length)]!;
      const [one, other, bias] = [any(), any(), any()];
      matrix.items.scale.forEach((_, i, scale) => {
        scale[i] = rng.int(4) === 0 ? 0 : rng.int(2) === 0 ? one : other;
      });
      for (let i = 0; i < n; i++) matrix.bias[i] = Math.min(3e38, bias) * (rng.int(3) - 1);
      const size = any();
      const user = normals(rng, d).map((x) => Math.max(-3e38, Math.min(3e38, x * size)));
      compare(matrix, user, [1, 10, n]);
    }
  });

  test('with users along every principal direction, and along none', () => {
    const rng = createRng(16);
    const matrix = trained(rng, 3000, 64);
    for (let k = 0; k < 64; k += 3) {
      const user = new Float32Array(64);
      user[k] = k % 2 ? 1 : -1;
      compare(matrix, user, [10]);
    }
    compare(matrix, new Float32Array(64), [10]);
  });
});

describe('the scan kernel', () => {
  test('computes scale * q . user + bias: within the rounding of the vector to int16', () => {
    const rng = createRng(17);
    const { items, bias } = random(rng, 300, 50);
    const user = normals(rng, 50);
    const scores = new Float32Array(300);
    createScanKernel(items, bias).scoresInto(user, scores);
    for (let row = 0; row < 300; row++) {
      let exact = 0;
      for (let k = 0; k < 50; k++) exact += items.scale[row] * items.q[row * 50 + k] * user[k];
      expect(scores[row]).toBeCloseTo(exact + bias[row], 2);
    }
  });

  test('prunes most rows of trained vectors, and says so', () => {
    const rng = createRng(18);
    const { items, bias } = trained(rng, 20_000, 64);
    const kernel = createScanKernel(items, bias, { typicalNorm: 8 });
    kernel.topK(normals(rng, 64), 10);
    const { looked, finished } = kernel.lastScan();
    expect(looked).toBeLessThan(10_000);
    expect(finished).toBeLessThan(looked / 2);
  });

  test('gives the first rows when all scores are equal', () => {
    const kernel = createScanKernel(
      quantizeRows(new Float32Array(50 * 3).fill(2), 50, 3),
      new Float32Array(50),
    );
    const { rows } = kernel.topK(Float32Array.of(1, 1, 1), 20);
    expect([...rows.subarray(0, 20)]).toEqual([...Array(20).keys()]);
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

  test('gives nothing for k = 0, a catalogue of none, and a user that is not a number', () => {
    const some = createScanKernel(quantizeRows(Float32Array.of(1, 2), 2, 1), new Float32Array(2));
    const none = createScanKernel(quantizeRows(new Float32Array(0), 0, 4), new Float32Array(0));
    expect(some.topK(Float32Array.of(1), 0).length).toBe(0);
    expect(some.topK(Float32Array.of(1), -3).length).toBe(0);
    expect(some.topK(Float32Array.of(Number.NaN), 2).length).toBe(0);
    expect(some.topK(Float32Array.of(Number.POSITIVE_INFINITY), 2).length).toBe(0);
    expect(none.topK(new Float32Array(4), 10).length).toBe(0);
  });

  test('gives what there is when k is larger than the catalogue, before and after a smaller k', () => {
    const rng = createRng(19);
    const { items, bias } = random(rng, 1500, 8);
    const [kernel, plain] = [createScanKernel(items, bias), createPlainKernel(items, bias)];
    const user = normals(rng, 8);
    for (const k of [3, 100_000, 5, 1499, 1500]) {
      expect(read(kernel.topK(user, k))).toEqual(read(plain.topK(user, k)));
    }
  });

  test('forgets exclusions and masks after one scan, ignores rows out of range, and can exclude everything', () => {
    const kernel = createScanKernel(quantizeRows(Float32Array.of(3, 2, 1), 3, 1), new Float32Array(3));
    const user = Float32Array.of(1);
    const rowsOf = (top: TopK) => read(top).map(([row]) => row);
    kernel.exclude([0, 99, -1]);
    kernel.exclude(Int32Array.of(2));
    expect(rowsOf(kernel.topK(user, 3))).toEqual([1]);
    expect(rowsOf(kernel.topK(user, 3))).toEqual([0, 1, 2]);
    kernel.exclude([1]);
    expect(rowsOf(kernel.topK(user, 3, { allowed: Uint8Array.of(0, 1, 1) }))).toEqual([2]);
    expect(rowsOf(kernel.topK(user, 3))).toEqual([0, 1, 2]);
    kernel.exclude([0, 1, 2]);
    expect(kernel.topK(user, 3).length).toBe(0);
  });

  test('reuses its arrays: a second scan of the same size allocates none', () => {
    const kernel = createScanKernel(quantizeRows(new Float32Array(100), 100, 1), new Float32Array(100));
    const first = kernel.topK(Float32Array.of(1), 10);
    expect(kernel.topK(Float32Array.of(2), 10).rows).toBe(first.rows);
  });

  test('scoresOf gives the very numbers that topK ranks by', () => {
    const rng = createRng(20);
    const { items, bias } = random(rng, 77, 9);
    const kernel = createScanKernel(items, bias);
    const user = normals(rng, 9);
    const all = new Float32Array(77);
    kernel.scoresInto(user, all);
    const some = new Float32Array(3);
    kernel.scoresOf(user, [5, 0, 76], some);
    expect([...some]).toEqual([all[5], all[0], all[76]]);
    for (const [row, score] of read(kernel.topK(user, 77))) expect(all[row]).toBe(score);
  });
});
