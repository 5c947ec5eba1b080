import { describe, expect, it } from 'vitest';
import { createRng, drawOf } from '../../src/core/rng.ts';

const draw = (seed: number, count: number) => {
  const rng = createRng(seed);
  return Array.from({ length: count }, () => rng.next());
};

describe('random numbers', () => {
  it('are the same for the same seed and others for another', () => {
    expect(draw(42, 100)).toEqual(draw(42, 100));
    expect(draw(42, 100)).not.toEqual(draw(43, 100));
    expect(draw(0, 5)).not.toEqual(draw(1, 5));
  });

  it('stay what they are from release to release, so that a job can be repeated', () => {
    const rng = createRng(42);
    const values = [rng.next(), rng.next(), rng.next()].map((value) => value * 2 ** 32);
    expect(values).toEqual([1959603763, 2423114712, 2466933512]);
    expect(createRng(42).fork('teacher').next() * 2 ** 32).toBe(3566378696);
  });

  it('are spread evenly over [0, 1)', () => {
    const bins = new Array<number>(10).fill(0);
    for (const value of draw(7, 100_000)) {
      expect(value >= 0 && value < 1).toBe(true);
      bins[Math.floor(value * 10)]!++;
    }
    // Chi-squared with 9 degrees of freedom: above 27.9 once in a thousand seeds.
    const chiSquared = bins.reduce((sum, count) => sum + (count - 10_000) ** 2 / 10_000, 0);
    expect(chiSquared).toBeLessThan(27.9);
  });

  it('do not depend on the one before', () => {
    const values = draw(11, 50_000).map((value) => value - 0.5);
    const products = values.slice(1).map((value, i) => value * values[i]!);
    const correlation = (12 * products.reduce((sum, product) => sum + product, 0)) / products.length;
    expect(Math.abs(correlation)).toBeLessThan(0.02);
  });

  it('have mean 0 and variance 1 when normal', () => {
    const rng = createRng(5);
    const values = Array.from({ length: 50_000 }, () => rng.normal());
    const mean = values.reduce((sum, value) => sum + value, 0) / values.length;
    const variance = values.reduce((sum, value) => sum + (value - mean) ** 2, 0) / values.length;
    expect(Math.abs(mean)).toBeLessThan(0.02);
    expect(Math.abs(variance - 1)).toBeLessThan(0.03);
    expect(values.every(Number.isFinite)).toBe(true);
  });

  it('are whole numbers below n when asked for', () => {
    const rng = createRng(3);
    const seen = new Set(Array.from({ length: 1_000 }, () => rng.int(6)));
    expect([...seen].sort()).toEqual([0, 1, 2, 3, 4, 5]);
  });
});

describe('shuffling', () => {
  it('keeps every value, in arrays and typed arrays', () => {
    const values = Array.from({ length: 100 }, (_, i) => i);
    const shuffled = createRng(1).shuffle([...values]);
    expect(shuffled).not.toEqual(values);
    expect([...shuffled].sort((a, b) => a - b)).toEqual(values);
    expect(createRng(1).shuffle(Int32Array.from(values))).toEqual(Int32Array.from(shuffled));
  });

  it('makes every order equally likely', () => {
    const rng = createRng(9);
    const counts = new Map<string, number>();
    for (let i = 0; i < 12_000; i++) {
      const order = rng.shuffle(['a', 'b', 'c']).join('');
      counts.set(order, (counts.get(order) ?? 0) + 1);
    }
    expect(counts.size).toBe(6);
    for (const count of counts.values()) expect(Math.abs(count - 2_000)).toBeLessThan(200);
  });
});

describe('a stream', () => {
  it('goes on exactly where its state was taken, in the middle of a normal pair too', () => {
    const rng = createRng(8);
    rng.next();
    rng.normal();
    const state = rng.state();
    const rest = [rng.normal(), rng.next(), rng.normal(), rng.int(100)];
    const other = createRng(0);
    other.restore(state);
    expect([other.normal(), other.next(), other.normal(), other.int(100)]).toEqual(rest);
  });

  it('goes on from a state that went through JSON', () => {
    const rng = createRng(8);
    rng.normal();
    rng.normal();
    const stored = JSON.parse(JSON.stringify(rng.state()));
    const next = rng.normal();
    const other = createRng(0);
    other.normal();
    other.restore(stored);
    expect(other.normal()).toBe(next);
  });

  it('is not shifted by what a fork of it draws', () => {
    const alone = createRng(4);
    const forked = createRng(4);
    const teacher = forked.fork('teacher');
    for (let i = 0; i < 10; i++) teacher.next();
    expect(forked.next()).toBe(alone.next());
  });

  it('has forks that differ by label and by seed', () => {
    const first = [createRng(4).fork('a'), createRng(4).fork('b'), createRng(5).fork('a')].map((rng) =>
      rng.next(),
    );
    expect(new Set(first).size).toBe(3);
    expect(createRng(4).fork('a').next()).toBe(first[0]);
  });
});

describe('a draw by name', () => {
  it('is the same for the same name and seed, and uniform over similar names and over seeds', () => {
    expect(drawOf('user:7', 1)).toBe(drawOf('user:7', 1));
    for (const draws of [
      Array.from({ length: 20_000 }, (_, i) => drawOf(`user-${i}`, 42)),
      Array.from({ length: 20_000 }, (_, seed) => drawOf('user-1', seed)),
    ]) {
      const tenths = new Array(10).fill(0);
      for (const draw of draws) tenths[Math.floor(draw * 10)]++;
      for (const count of tenths) expect(Math.abs(count - 2_000)).toBeLessThan(200);
    }
  });
});
