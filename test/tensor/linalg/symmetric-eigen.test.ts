import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { symmetricEigen } from '../../../src/tensor/linalg/symmetric-eigen.ts';

const rng = createRng(4);

function symmetric(n: number, rank = n): Float64Array {
  const half = Float64Array.from({ length: rank * n }, () => rng.normal());
  return Float64Array.from({ length: n * n }, (_, at) => {
    let sum = 0;
    for (let k = 0; k < rank; k++)
      sum += (-1) ** k * half[k * n + Math.floor(at / n)]! * half[k * n + (at % n)]!;
    return sum;
  });
}

function expectDecomposition(a: Float64Array, n: number): void {
  const before = a.slice();
  const { values, vectors } = symmetricEigen(a, n);
  expect(a).toEqual(before);
  expect([...values]).toEqual([...values].sort((x, y) => y - x));
  const scale = 1 + Math.max(...values.map(Math.abs));
  for (let i = 0; i < n; i++) {
    for (let j = 0; j < n; j++) {
      let rebuilt = 0;
      let dot = 0;
      for (let k = 0; k < n; k++) {
        rebuilt += vectors[i * n + k]! * values[k]! * vectors[j * n + k]!;
        dot += vectors[k * n + i]! * vectors[k * n + j]!;
      }
      expect(Math.abs(rebuilt - a[i * n + j]!)).toBeLessThan(1e-12 * n * scale);
      expect(Math.abs(dot - Number(i === j))).toBeLessThan(1e-12 * n);
    }
  }
}

describe('eigenvalues of a symmetric matrix', () => {
  it('are those of a case that can be done by hand', () => {
    const { values, vectors } = symmetricEigen(Float64Array.of(2, 1, 1, 2), 2);
    expect(values[0]).toBeCloseTo(3, 14);
    expect(values[1]).toBeCloseTo(1, 14);
    expect(Math.abs(vectors[0]!)).toBeCloseTo(Math.SQRT1_2, 14);
    expect(vectors[2]! / vectors[0]!).toBeCloseTo(1, 14);
  });

  it.each([1, 2, 3, 7, 40])('rebuild random matrices of %i rows', (n) =>
    expectDecomposition(symmetric(n), n),
  );

  it('rebuild what is diagonal, zero, of low rank, or has equal eigenvalues', () => {
    expectDecomposition(Float64Array.of(1, 0, 0, 0, 5, 0, 0, 0, -2), 3);
    expectDecomposition(new Float64Array(16), 4);
    expectDecomposition(symmetric(12, 3), 12);
    expectDecomposition(
      Float64Array.from({ length: 36 }, (_, at) => Number(at % 7 === 0) * 4),
      6,
    );
  });
});
