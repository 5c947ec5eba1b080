import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { buildDataset } from '../../src/dataset/build.ts';
import { keepCore } from '../../src/dataset/core.ts';
import type { DataFilter } from '../../src/dataset/filter.ts';
import { DEFAULT_WEIGHTING } from '../../src/domain/data/weighting.ts';
import { blockRows, csrOf, denseOf, type Row, sourceOf } from '../helpers/data.ts';

const build = (rows: readonly Row[], filter: DataFilter) =>
  buildDataset(sourceOf(rows), DEFAULT_WEIGHTING, { filter });

/** 400 users with 20 of 200 items each. */
function manyRows(): Row[] {
  const rng = createRng(3);
  return Array.from({ length: 8_000 }, (_, i) => ({
    user: `user ${i % 400}`,
    item: `item ${rng.int(200)}`,
    timestamp: 1_000 + i,
  }));
}

describe('a period', () => {
  it('begins with since and ends before until, and leaves out what has no time', async () => {
    const extra: Row[] = [
      { user: 'u', item: 'before', timestamp: 999 },
      { user: 'u', item: 'first', timestamp: 1000 },
      { user: 'u', item: 'last', timestamp: 8999 },
      { user: 'u', item: 'after', timestamp: 9000 },
      { user: 'u', item: 'timeless' },
    ];
    const itemsOf = async (filter: DataFilter) => {
      const { items } = await build([...extra, ...manyRows()], filter);
      return extra.map(({ item }) => item).filter((item) => items.includes(item));
    };
    expect(await itemsOf({ since: 1000, until: 9000 })).toEqual(['first', 'last']);
    expect(await itemsOf({ since: 1000 })).toEqual(['first', 'last', 'after']);
    expect(await itemsOf({ until: 9000 })).toEqual(['before', 'first', 'last']);
    expect(await itemsOf({})).toHaveLength(5);
  });
});

describe('a context', () => {
  it('keeps what has one of the values in each field, of their type, and leaves out what has none', async () => {
    const extra: Row[] = [
      { user: 'u', item: 'phone', context: { device: 'phone', page: 1 } },
      { user: 'u', item: 'tablet', context: { page: 1, device: 'tablet' } },
      { user: 'u', item: 'other page', context: { device: 'phone', page: '1' } },
      { user: 'u', item: 'no page', context: { device: 'phone' } },
      { user: 'u', item: 'nothing' },
    ];
    const all = manyRows().map((row) => ({ ...row, context: { device: 'phone', page: 1 } }));
    const { items, matrix } = await build([...extra, ...all], {
      context: { device: ['phone', 'tablet'], page: [1] },
    });
    expect(extra.map(({ item }) => item).filter((item) => items.includes(item))).toEqual(['phone', 'tablet']);
    expect(matrix.rows).toBe(401);
    await expect(build([...extra, ...all], { context: { constructor: ['x'] } })).rejects.toThrow(
      /8005 interactions were left out by dataset.context/,
    );
  });
});

describe('a sample', () => {
  it('is of the share asked for, by id and seed alone', async () => {
    const rows = manyRows();
    const half = await build(rows, { sample: { users: 0.5, seed: 7 } });
    expect(half.users.length).toBeGreaterThan(160);
    expect(half.users.length).toBeLessThan(240);
    const grown = [...rows, ...Array.from({ length: 50 }, (_, i) => ({ user: `new ${i}`, item: 'item 0' }))];
    const later = await build(createRng(1).shuffle(grown), { sample: { users: 0.5, seed: 7 } });
    expect(later.users.filter((id) => !id.startsWith('new'))).toEqual(half.users);
    const other = await build(rows, { sample: { users: 0.5, seed: 8 } });
    expect(other.users).not.toEqual(half.users);
  });

  it('is part of a larger one, and whole at 1', async () => {
    const rows = manyRows();
    const users = async (share: number) => (await build(rows, { sample: { users: share, seed: 1 } })).users;
    const [small, large] = [await users(0.2), new Set(await users(0.6))];
    expect(small.filter((id) => !large.has(id))).toEqual([]);
    expect(await users(1)).toHaveLength(400);
  });

  it('of items keeps whole columns, and draws users and items of the same id apart', async () => {
    const rows = Array.from({ length: 90_000 }, (_, i) => ({
      user: String(i % 300),
      item: String(Math.floor(i / 300)),
    }));
    const { users, items, matrix } = await build(rows, { sample: { users: 0.5, items: 0.5, seed: 5 } });
    expect(matrix.indices).toHaveLength(users.length * items.length);
    const both = users.filter((id) => items.includes(id)).length;
    expect(both).toBeGreaterThan(40);
    expect(both).toBeLessThan(110);
  });
});

describe('minimum interactions', () => {
  it('are asked for again until all that are left have them', async () => {
    // u3 falls first, then item d has one user left, then u2 has one item left, and so on to the block of u0 and u1.
    const matrix = csrOf([
      [1, 1, 0, 0],
      [1, 1, 1, 0],
      [0, 0, 1, 1],
      [0, 0, 0, 1],
    ]);
    const pairs = {
      users: ['u0', 'u1', 'u2', 'u3'],
      items: ['a', 'b', 'c', 'd'],
      matrix,
      firstSeen: Float64Array.from(matrix.indices.keys()),
      part: Uint8Array.from(matrix.indices, (i) => i % 2),
    };
    const core = keepCore(pairs, { perUser: 2, perItem: 2 });
    expect(core.users).toEqual(['u0', 'u1']);
    expect(core.items).toEqual(['a', 'b']);
    expect(denseOf(core.matrix)).toEqual([
      [1, 1],
      [1, 1],
    ]);
    expect([...core.firstSeen]).toEqual([0, 1, 2, 3]);
    expect([...core.part!]).toEqual([0, 1, 0, 1]);
  });

  it('of users alone leave no item without a user', () => {
    const matrix = csrOf([
      [1, 1, 0],
      [0, 0, 1],
    ]);
    const pairs = { users: ['u', 'v'], items: ['a', 'b', 'c'], matrix, firstSeen: new Float64Array(3) };
    const core = keepCore(pairs, { perUser: 2, perItem: 1 });
    expect([core.users, core.items]).toEqual([['u'], ['a', 'b']]);
  });

  it('are the same set as plain repetition finds, whatever the order of storage', async () => {
    const rng = createRng(11);
    const rows = Array.from({ length: 3_000 }, () => ({
      user: `u${Math.floor(rng.next() ** 2 * 150)}`,
      item: `i${Math.floor(rng.next() ** 2 * 120)}`,
    }));
    const filter = { minInteractions: { perUser: 9, perItem: 12 } };
    const found = await build(rows, filter);
    expect(found.users.length).toBeLessThan(new Set(rows.map(({ user }) => user)).size);
    const again = await build(rng.shuffle([...rows]), filter);
    // Their places in the storage differ, and nothing else.
    const { arrival: _, repeats, ...same } = found;
    expect(again).toMatchObject({
      ...same,
      ...(repeats && { repeats: { ...repeats, arrival: expect.anything() } }),
    });

    let left = [...new Set(rows.map(({ user, item }) => `${user} ${item}`))].map((pair) => pair.split(' '));
    for (let before = -1; before !== left.length; ) {
      before = left.length;
      const count = (at: number, id: string) => left.filter((pair) => pair[at] === id).length;
      left = left.filter(([user]) => count(0, user!) >= 9);
      left = left.filter(([, item]) => count(1, item!) >= 12);
    }
    expect(found.users).toEqual([...new Set(left.map(([user]) => user))].sort());
    expect(found.items).toEqual([...new Set(left.map(([, item]) => item))].sort());
    expect(found.matrix.indices).toHaveLength(left.length);
  });

  it('that nobody meets are refused with what was left out by what', async () => {
    const rows: Row[] = blockRows();
    const filter: DataFilter = {
      since: Math.min(...rows.map((row) => row.timestamp!)) + 1,
      sample: { items: 0.8, seed: 1 },
      minInteractions: { perUser: 50 },
    };
    const error = await build(rows, filter).catch((e) => e);
    expect(error).toMatchObject({ code: 'not-enough-data' });
    expect(error.detail).toMatch(/There are 0 users, 0 items and 0 user-item pairs/);
    expect(error.detail).toMatch(/\d+ interactions were left out by dataset\.since and until/);
    expect(error.detail).toMatch(/\d+ interactions were left out by dataset\.sample/);
    expect(error.detail).toMatch(/\d+ interactions were left out as pairs by dataset\.minInteractions/);
    expect(error.detail).not.toContain('by the weighting');
  });
});
