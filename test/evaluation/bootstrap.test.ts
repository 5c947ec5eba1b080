import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { createResampling, meanWithInterval, statistic } from '../../src/evaluation/bootstrap.ts';

const normals = (n: number, mean: number, seed: number) => {
  const rng = createRng(seed);
  return Float64Array.from({ length: n }, () => mean + rng.normal());
};

describe('a bootstrap interval', () => {
  it('is as wide as the theory of the mean says', () => {
    const { value, low, high } = meanWithInterval(normals(400, 3, 1), createResampling(400, createRng(2)));
    expect(low).toBeLessThan(value);
    expect(value).toBeLessThan(high);
    // 2 x 1.96 standard errors of 1 / sqrt(400).
    expect(high - low).toBeGreaterThan(0.85 * 0.196);
    expect(high - low).toBeLessThan(1.15 * 0.196);
  });

  it('covers the true mean about 95 times of 100', () => {
    let covered = 0;
    for (let round = 0; round < 100; round++) {
      const values = normals(60, 3, 100 + round);
      const { low, high } = meanWithInterval(values, createResampling(60, createRng(round)));
      if (low <= 3 && 3 <= high) covered++;
    }
    expect(covered).toBeGreaterThanOrEqual(88);
  });

  it('is as wide when users are resampled in groups', () => {
    const n = 6000;
    const { low, high } = meanWithInterval(normals(n, 0, 3), createResampling(n, createRng(4)));
    const theory = (2 * 1.96) / Math.sqrt(n);
    expect((high - low) / theory).toBeGreaterThan(0.85);
    expect((high - low) / theory).toBeLessThan(1.15);
  });

  it('is the same for the same generator', () => {
    const values = normals(50, 1, 5);
    const interval = (seed: number) => meanWithInterval(values, createResampling(50, createRng(seed)));
    expect(interval(1)).toEqual(interval(1));
    expect(interval(1)).not.toEqual(interval(2));
  });

  it('of a paired ratio of identical columns is exactly 1, without width', () => {
    const values = normals(80, 5, 6);
    const ratio = statistic([values, values], createResampling(80, createRng(7)), ([a, b]) => a! / b!);
    expect(ratio).toEqual({ value: 1, low: 1, high: 1 });
  });

  it('of a paired difference is narrower than that of either column', () => {
    const base = normals(200, 0, 8);
    const better = base.map((x, i) => x + 0.1 + 0.01 * (i % 2));
    const resampling = createResampling(200, createRng(9));
    const gain = statistic([better, base], resampling, ([a, b]) => a! - b!);
    expect(gain.low).toBeGreaterThan(0.1);
    expect(gain.high - gain.low).toBeLessThan(0.01);
    expect(meanWithInterval(base, resampling).high - meanWithInterval(base, resampling).low).toBeGreaterThan(
      0.2,
    );
  });

  it('leaves users without a number out', () => {
    const resampling = createResampling(4, createRng(1));
    const { value, low, high } = meanWithInterval(Float64Array.of(2, Number.NaN, 2, Number.NaN), resampling);
    expect(value).toBe(2);
    expect([0, 2]).toContain(low);
    expect(high).toBe(2);
  });

  it('of several columns is over the users who have a number in each', () => {
    const columns = [Float64Array.of(6, 100, 6, 100), Float64Array.of(3, Number.NaN, 3, Number.NaN)];
    // Replicates that draw neither of the two have no ratio and are left out.
    const ratio = statistic(columns, createResampling(4, createRng(1)), ([a, b]) => a! / b!);
    expect(ratio).toEqual({ value: 2, low: 2, high: 2 });
  });
});

describe('a bootstrap over users and seeds', () => {
  /** A value of every user with every seed: what the user adds, and what the seed does. */
  function values(users: number, seeds: number, spread: { users: number; seeds: number }, seed: number) {
    const rng = createRng(seed);
    const ofSeed = Array.from({ length: seeds }, () => spread.seeds * rng.normal());
    const ofUser = Array.from({ length: users }, () => spread.users * rng.normal());
    return Float64Array.from(
      { length: seeds * users },
      (_, i) => ofSeed[Math.floor(i / users)]! + ofUser[i % users]!,
    );
  }

  it('gives the mean over both', () => {
    const { value } = meanWithInterval(
      Float64Array.of(1, 2, 3, 5, 6, 7),
      createResampling(3, createRng(1), 2),
    );
    expect(value).toBe(4);
  });

  it('is as wide as over users where all seeds are alike', () => {
    const one = normals(300, 2, 7);
    const same = Float64Array.from([...one, ...one, ...one]);
    const alone = meanWithInterval(one, createResampling(300, createRng(3)));
    expect(meanWithInterval(same, createResampling(300, createRng(3), 3))).toEqual(alone);
  });

  it('is as wide as the variance between seeds says, few as they are', () => {
    const rounds = 200;
    let squares = 0;
    for (let round = 0; round < rounds; round++) {
      const { low, high } = meanWithInterval(
        values(50, 4, { users: 0, seeds: 1 }, round),
        createResampling(50, createRng(round), 4),
      );
      squares += ((high - low) / 2) ** 2 / rounds;
    }
    // Of four seeds the variance of the mean is a quarter; a draw of four instead of three would give 3/16.
    expect(squares / 1.96 ** 2).toBeGreaterThan(0.2);
    expect(squares / 1.96 ** 2).toBeLessThan(0.3);
  });

  it('compares models of several seeds with one that has none, user by user', () => {
    const other = normals(200, 0, 5);
    const better = Float64Array.from([...other.map((x) => x + 1), ...other.map((x) => x + 3)]);
    const { value, low, high } = statistic(
      [better, other],
      createResampling(200, createRng(2), 2),
      ([a, b]) => a! - b!,
    );
    expect(value).toBeCloseTo(2, 9);
    expect([low, high].map((x) => Number(x.toFixed(6)))).toEqual([1, 3]);
  });

  it('leaves out users who have no value with one of the seeds', () => {
    const column = Float64Array.of(1, Number.NaN, 3, 5, 6, 7);
    expect(meanWithInterval(column, createResampling(3, createRng(1), 2)).value).toBe(4);
  });
});
