import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import type { Csr } from '../../src/dataset/matrix.ts';
import { rowIdOf } from '../../src/dataset/matrix.ts';
import { someTaught, taughtUsers } from '../../src/dataset/taught-users.ts';

/** `perUser` pairs with the first items, none for every tenth user. */
function histories(users: number, perUser: number, items: number): Csr {
  const lengths = Array.from({ length: users }, (_, user) => (user % 10 === 9 ? 0 : perUser));
  const indptr = Int32Array.from([0, ...lengths]);
  for (let user = 0; user < users; user++) indptr[user + 1]! += indptr[user]!;
  const pairs = indptr[users]!;
  const indices = Int32Array.from({ length: pairs }, (_, p) => p % perUser);
  return { rows: users, columns: items, indptr, indices, values: new Float32Array(pairs).fill(1) };
}

describe('the users who are taught', () => {
  it('are all up to 40,000, and of more so many that items keep 50 pairs each', () => {
    expect(taughtUsers({ users: 30_000, items: 10, pairs: 1e6 })).toBe(30_000);
    expect(taughtUsers({ users: 100_000, items: 10_000, pairs: 2_500_000 })).toBe(40_000);
    expect(taughtUsers({ users: 100_000, items: 10_000, pairs: 1_000_000 })).toBe(50_000);
    expect(taughtUsers({ users: 100_000, items: 40_000, pairs: 1_000_000 })).toBe(100_000);
  });

  it('are all where nobody has counted the pairs', () => {
    expect(taughtUsers({ users: 100_000, items: 10 })).toBe(100_000);
  });

  it('are drawn from those with a history, in their order and by their rows', () => {
    const all = histories(50_000, 2, 100);
    const some = someTaught(all, createRng(1));
    expect(some.rows).toBe(40_000);
    const rows = Array.from({ length: some.rows }, (_, row) => rowIdOf(some, row));
    expect(rows).toEqual([...new Set(rows)].sort((a, b) => a - b));
    expect(rows.every((row) => row % 10 !== 9)).toBe(true);
    expect(rows.at(-1)).toBeGreaterThan(49_900);
  });

  it('are the histories themselves where there are few', () => {
    const all = histories(100, 2, 100);
    expect(someTaught(all, createRng(1))).toBe(all);
  });
});
