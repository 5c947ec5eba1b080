import { describe, expect, it } from 'vitest';
import { drawOfId, hashOfId, mixHashes } from '../../src/core/id-hash.ts';

const ids = (count: number, prefix = '') => Array.from({ length: count }, (_, i) => `${prefix}${i}`);

/** Pearson's statistic of values in [0, 1) over equal bins. */
function chiSquared(values: readonly number[], bins: number): number {
  const counts = new Float64Array(bins);
  for (const value of values) counts[Math.floor(value * bins)]!++;
  const expected = values.length / bins;
  return counts.reduce((sum, count) => sum + (count - expected) ** 2 / expected, 0);
}

const correlation = (a: readonly number[], b: readonly number[]) =>
  (12 * a.reduce((sum, value, i) => sum + (value - 0.5) * (b[i]! - 0.5), 0)) / a.length;

describe('hashes of ids', () => {
  it('are the same for the same id and seed, on every machine', () => {
    expect([hashOfId('u1', 1), hashOfId('', 0), hashOfId('Ünïcode 名', -5)]).toMatchInlineSnapshot(`
      [
        5112298460224574,
        7099746382862190,
        4926673997354878,
      ]
    `);
    expect(mixHashes(hashOfId('u1', 1), hashOfId('i1', 1))).toMatchInlineSnapshot(`4799148626699818`);
  });

  it('are whole numbers below 2^53, all different', () => {
    const hashes = [...ids(20_000), ...ids(20_000, 'user-')].map((id) => hashOfId(id, 7));
    expect(hashes.every((hash) => Number.isSafeInteger(hash) && hash >= 0)).toBe(true);
    expect(new Set(hashes).size).toBe(40_000);
  });

  it.each([0, 1, 42, 4294967295])('are uniform and know nothing of each other, seed %i', (seed) => {
    const draws = ids(20_000).map((id) => drawOfId(id, seed));
    // 99.99 % of uniform draws stay below 170 with 99 degrees of freedom.
    expect(chiSquared(draws, 100)).toBeLessThan(170);
    expect(Math.abs(correlation(draws.slice(1), draws.slice(0, -1)))).toBeLessThan(0.03);
    const others = ids(20_000).map((id) => drawOfId(id, seed + 1));
    expect(Math.abs(correlation(draws, others))).toBeLessThan(0.03);
  });

  it('of a seed do not stand in for a first character', () => {
    const [a, b] = ['a'.charCodeAt(0), 'b'.charCodeAt(0)];
    expect(hashOfId('a', a ^ b)).not.toBe(hashOfId('b', 0));
  });
});

describe('hashes of pairs', () => {
  const hashes = ids(300).map((id) => hashOfId(id, 3));
  const pairs = hashes.flatMap((user) => hashes.map((item) => mixHashes(user, item)));

  it('are all different, also where user and item have the same id', () => {
    expect(pairs.every((hash) => Number.isSafeInteger(hash) && hash >= 0)).toBe(true);
    expect(new Set(pairs).size).toBe(90_000);
  });

  it('are uniform for one user, for one item and on the diagonal', () => {
    const of = (pick: (u: number, i: number) => boolean) =>
      pairs.filter((_, p) => pick(Math.floor(p / 300), p % 300)).map((hash) => hash / 2 ** 53);
    // 99.99 % of uniform draws stay below 34 with 9 degrees of freedom.
    for (const some of [of((u) => u === 5), of((_, i) => i === 5), of((u, i) => u === i)])
      expect(chiSquared(some, 10)).toBeLessThan(34);
    expect(
      chiSquared(
        of(() => true),
        100,
      ),
    ).toBeLessThan(170);
  });
});
