import { describe, expect, it } from 'vitest';
import { dequantizeRows, quantizeRows } from '../../src/artifact/student/quantize.ts';
import type { Solver } from '../../src/artifact/student/student-weights.ts';
import { createRng } from '../../src/core/rng.ts';
import { createUserVectors } from '../../src/scoring/user-vector.ts';
import { choleskyInPlace, solveTriangular } from '../../src/tensor/linalg/linalg-reference.ts';

const ITEMS = 40;
const D = 7;

const rng = createRng(3);
const items = quantizeRows(
  Float32Array.from({ length: ITEMS * D }, () => rng.normal()),
  ITEMS,
  D,
  'int8',
);
const solver: Solver = {
  gram: Float32Array.from({ length: D }, (_, k) => 0.2 + k),
  perPair: 0.3,
  scale: 2,
};
const userBias = Float32Array.from({ length: D }, (_, k) => k / 10);

const weightsOf = (recency?: number) => ({
  ...{ itemsIn: items, itemsOut: items, inner: null, userBias, solver },
  ...{ normalization: 'none' as const, activation: 'identity' as const },
  ...(recency !== undefined && { recency }),
});

/** The formula of Solver, written out. */
function expected(rows: number[], weights: number[]): Float64Array {
  const y = dequantizeRows(items);
  const a = new Float64Array(D * D);
  const b = new Float64Array(D);
  for (let k = 0; k < D; k++) a[k * D + k] = solver.gram[k]! + rows.length * solver.perPair;
  for (const [i, row] of rows.entries())
    for (let k = 0; k < D; k++) {
      b[k]! += weights[i]! * y[row * D + k]!;
      for (let l = 0; l < D; l++) a[k * D + l]! += weights[i]! * y[row * D + k]! * y[row * D + l]!;
    }
  choleskyInPlace(a, D);
  solveTriangular(a, b, D, 1, false);
  solveTriangular(a, b, D, 1, true);
  return b.map((value, k) => userBias[k]! + solver.scale * value);
}

describe('a user vector that is solved', () => {
  const vectors = createUserVectors(weightsOf());

  it.each([1, 3, D - 1, D, D + 1, 30])('is the ridge regression of a history of %i items', (n) => {
    const rows = Array.from({ length: n }, (_, i) => (i * 11 + n) % ITEMS);
    const weights = rows.map((_, i) => 0.5 + (i % 3));
    const user = vectors.fold(rows, weights);
    for (const [k, value] of expected(rows, weights).entries()) expect(user[k]).toBeCloseTo(value, 4);
  });

  it('is the bias for an empty history', () => {
    vectors.fold([1, 2], [1, 1]);
    expect([...vectors.fold([], [])]).toEqual([...userBias]);
  });

  it('weighs older items less where order counts', () => {
    const user = createUserVectors(weightsOf(0.5)).fold([4, 9, 2], [1, 1, 2]);
    for (const [k, value] of expected([4, 9, 2], [1, 0.5, 0.5]).entries())
      expect(user[k]).toBeCloseTo(value, 4);
  });
});
