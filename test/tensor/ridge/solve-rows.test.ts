import { describe, expect, it } from 'vitest';
import { createRng } from '../../../src/core/rng.ts';
import { createAlternating } from '../../../src/tensor/ridge/alternate.ts';
import type { Ridge } from '../../../src/tensor/ridge/ridge.ts';
import { createRowSolver } from '../../../src/tensor/ridge/solve-rows.ts';
import { transposeRows } from '../../../src/tensor/sparse/rows.ts';
import { expectNoLeak, testEngine } from '../../helpers/engine.ts';
import { exactRows, randomPairs } from './exact.ts';

const ridge: Ridge = { unobservedWeight: 0.2, regularization: 0.05 };
const rng = createRng(1);
const random = (length: number) => Float32Array.from({ length }, () => rng.normal());

function expectClose(found: Float32Array, wanted: Float64Array): void {
  expect(found).toHaveLength(wanted.length);
  const largest = wanted.reduce((most, x) => Math.max(most, Math.abs(x)), 0);
  for (const [i, x] of wanted.entries()) expect(Math.abs(found[i]! - x)).toBeLessThan(2e-4 * largest);
}

describe('rows that are solved for given factors', () => {
  it('solve a case that can be done by hand', async () => {
    // One dimension: u = sum v y / (sum v y^2 + a0 Y'Y + l (n + a0 N)), with Y = (1, 2), one pair of weight 3 with the second.
    const solver = createRowSolver(await testEngine(), Float32Array.of(1, 2), 1, {
      unobservedWeight: 0.5,
      regularization: 0.1,
    });
    const observed = { indptr: Int32Array.of(0, 1), indices: Int32Array.of(1), values: Float32Array.of(3) };
    expect(solver.solve({ ...observed, columns: 2 })[0]).toBeCloseTo(6 / (12 + 2.5 + 0.2), 6);
  });

  // Widths beside the kernel's tiles of eight, rows with fewer and more pairs than dimensions, without pairs, and with weights.
  it.each([1, 3, 8, 13, 32])('are what Cholesky in float64 finds, at %i dimensions', async (d) => {
    const observed = randomPairs(rng, 37, 90, 0.3);
    const factors = random(90 * d);
    const solver = createRowSolver(await testEngine(), factors, d, ridge);
    const found = solver.solve(observed);
    expectClose(found, exactRows(observed, factors, d, ridge));
    const empty = observed.indptr.findIndex((end, row) => end === observed.indptr[row + 1]);
    expect(found.subarray(empty * d, (empty + 1) * d)).toEqual(new Float32Array(d));
  });

  it('are the same to the last bit in whatever company', async () => {
    const d = 12;
    const observed = randomPairs(rng, 50, 60, 0.2);
    const solver = createRowSolver(await testEngine(), random(60 * d), d, ridge);
    const together = solver.solve(observed);
    for (const row of [3, 49]) {
      const [from, to] = [observed.indptr[row]!, observed.indptr[row + 1]!];
      const alone = solver.solve({
        ...{ indptr: Int32Array.of(0, to - from), columns: 60 },
        ...{ indices: observed.indices.slice(from, to), values: observed.values.slice(from, to) },
      });
      expect(alone).toEqual(together.slice(row * d, (row + 1) * d));
    }
  });

  it('are finite where nothing holds them, and where what was not observed weighs nothing', async () => {
    const observed = randomPairs(rng, 20, 30, 0.2);
    for (const weak of [
      { unobservedWeight: 0.1, regularization: 0 },
      { unobservedWeight: 0, regularization: 0.1 },
      { unobservedWeight: 0, regularization: 0 },
    ]) {
      const found = createRowSolver(await testEngine(), random(30 * 16), 16, weak).solve(observed);
      expect(found.every(Number.isFinite)).toBe(true);
    }
  });

  it('refuses rows of another catalogue, and leaves no tensor behind', async () => {
    const engine = await testEngine();
    await expectNoLeak(async () => {
      const solver = createRowSolver(engine, random(30 * 4), 4, ridge);
      expect(() => solver.solve(randomPairs(rng, 5, 31, 0.5))).toThrow(/31 columns, the factors 30/);
    });
  });
});

describe('alternating regressions', () => {
  const d = 12;
  const pairs = randomPairs(createRng(2), 700, 400, 0.05);
  const start = Float32Array.from({ length: 400 * d }, () => 0.1 * rng.normal());

  async function rounds(threads: number, steps = 3, count = 2): Promise<Float32Array> {
    const alternating = createAlternating(await testEngine(), pairs, start, ridge, steps, threads, 0);
    try {
      for (let round = 0; round < count; round++) await alternating.round(() => {});
      return alternating.columns();
    } finally {
      await alternating.close();
    }
  }

  it('give the same bytes on any number of threads', async () => {
    const alone = await rounds(0);
    expect(alone.every(Number.isFinite)).toBe(true);
    for (const threads of [1, 3]) expect(await rounds(threads), `${threads} threads`).toEqual(alone);
  });

  it('predict what exact alternating regressions predict', async () => {
    const found = await rounds(0, 50, 1);
    const users = exactRows(pairs, start, d, ridge);
    const items = exactRows(transposeRows(pairs), Float32Array.from(users), d, ridge);
    // Both are turned by the same unknown rotation: products of two items show none of it.
    for (let item = 0; item < 20; item++) {
      const product = (of: ArrayLike<number>) => {
        let sum = 0;
        for (let k = 0; k < d; k++) sum += of[item * d + k]! * of[(item + 1) * d + k]!;
        return sum;
      };
      const scale = Math.max(...Array.from(items.subarray(0, 20 * d), Math.abs)) ** 2 * d;
      expect(Math.abs(product(found) - product(items))).toBeLessThan(1e-3 * scale);
    }
  });

  it.each([0, 2])('end with what their listener throws, on %i threads, and can go on', async (threads) => {
    const alternating = createAlternating(await testEngine(), pairs, start, ridge, 3, threads, 0);
    let calls = 0;
    await expect(
      alternating.round(() => {
        calls++;
        throw new Error('stop');
      }),
    ).rejects.toThrow('stop');
    expect(calls).toBe(1);
    await alternating.round(() => {});
    expect(alternating.columns().every(Number.isFinite)).toBe(true);
    await alternating.close();
  });

  it('tell their progress in order, up to the whole', async () => {
    const alternating = createAlternating(await testEngine(), pairs, start, ridge, 3, 0);
    const shares: number[] = [];
    await alternating.round((share) => void shares.push(share));
    await alternating.close();
    expect(shares[0]).toBe(0);
    expect(shares.at(-1)).toBe(1);
    expect(shares).toEqual(shares.toSorted((a, b) => a - b));
  });
});
