import { describe, expect, it } from 'vitest';
import { quantizeRows } from '../../src/artifact/student/quantize.ts';
import type { QuantizedRows } from '../../src/artifact/student/student-weights.ts';
import { createRng } from '../../src/core/rng.ts';
import { createRidge } from '../../src/scoring/ridge.ts';
import { choleskyInPlace, solveTriangular } from '../../src/tensor/linalg/linalg-reference.ts';

const ITEMS = 700;

function itemsOf(d: number, spread = 0): QuantizedRows {
  const rng = createRng(d);
  const values = new Float32Array(ITEMS * d);
  for (let row = 0; row < ITEMS; row++) {
    const length = Math.exp(spread * rng.normal());
    for (let k = 0; k < d; k++) values[row * d + k] = length * rng.normal();
  }
  return quantizeRows(values, ITEMS, d);
}

/** Cholesky in float64 of the equations as they are written. */
function expected(
  { q, scale, width: d }: QuantizedRows,
  gram: Float32Array,
  more: number,
  weights: number[],
) {
  const a = new Float64Array(d * d);
  const x = new Float64Array(d);
  for (let k = 0; k < d; k++) a[k * d + k] = gram[k]! + more;
  for (const [row, weight] of weights.entries()) {
    const y = Float64Array.from({ length: d }, (_, k) => scale[row]! * q[row * d + k]!);
    for (let k = 0; k < d; k++) {
      x[k]! += weight * y[k]!;
      for (let l = 0; l < d; l++) a[k * d + l]! += weight * y[k]! * y[l]!;
    }
  }
  choleskyInPlace(a, d);
  solveTriangular(a, x, d, 1, false);
  solveTriangular(a, x, d, 1, true);
  return x;
}

function solved(items: QuantizedRows, gram: Float32Array, more: number, weights: number[]) {
  const ridge = createRidge(items);
  ridge.begin(gram, more, weights.length);
  for (const [row, weight] of weights.entries()) ridge.add(row, weight);
  const out = new Float64Array(items.width);
  ridge.solveInto(out, 1);
  return out;
}

function distance(a: Float64Array, b: Float64Array): number {
  const length = (x: Float64Array) => Math.hypot(...x);
  return length(a.map((value, k) => value - b[k]!)) / length(b);
}

describe('a ridge regression of one user', () => {
  const cases = [7, 64, 100].flatMap((d) => [1, 8, 9, 64, 65, 513].map((n) => [d, n] as const));

  it.each(cases)('of %i dimensions is what float64 answers for %i rows', (d, n) => {
    const gram = Float32Array.from({ length: d }, (_, k) => 2 + (k % 5));
    const weights = Array.from({ length: n }, (_, i) => 0.25 + (i % 4));
    const items = itemsOf(d, 0.5);
    expect(distance(solved(items, gram, 0.5, weights), expected(items, gram, 0.5, weights))).toBeLessThan(
      1e-5,
    );
  });

  it('is the same for rows that lie at an odd place', () => {
    const items = itemsOf(64);
    const moved = new Int8Array(items.q.length + 1).subarray(1);
    moved.set(items.q);
    const gram = new Float32Array(64).fill(3);
    const weights = new Array<number>(90).fill(1);
    expect(solved({ ...items, q: moved }, gram, 0, weights)).toEqual(solved(items, gram, 0, weights));
  });

  it.each([20, 100])('is right where %i rows are too ill-conditioned for float32', (n) => {
    const d = 64;
    const rng = createRng(n);
    const items = itemsOf(d, 2);
    const gram = Float32Array.from({ length: d }, () => Math.exp(3 * rng.normal()) / 1000);
    const weights = Array.from({ length: n }, () => Math.exp(2 * rng.normal()));
    expect(distance(solved(items, gram, 0, weights), expected(items, gram, 0, weights))).toBeLessThan(1e-4);
  });

  it('knows nothing of the user before, nor of rows of zeros', () => {
    const items = itemsOf(16);
    items.scale[0] = 0;
    items.q.fill(0, 0, 16);
    const ridge = createRidge(items);
    const out = new Float64Array(16);
    const gram = new Float32Array(16).fill(1);
    ridge.begin(gram, 0, 3);
    for (const row of [4, 5, 6]) ridge.add(row, 2);
    ridge.solveInto(out, 1);
    expect(Math.hypot(...out)).toBeGreaterThan(0);
    ridge.begin(gram, 0, 1);
    ridge.add(0, 1);
    ridge.solveInto(out, 1);
    expect([...out]).toEqual(new Array(16).fill(0));
    ridge.begin(gram, 0, 0);
    ridge.solveInto(out, 1);
    expect([...out]).toEqual(new Array(16).fill(0));
  });
});
