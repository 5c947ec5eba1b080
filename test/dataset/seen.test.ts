import { describe, expect, it } from 'vitest';
import { buildDataset, type Dataset } from '../../src/dataset/build.ts';
import { buildTaskDataset } from '../../src/dataset/build-tasks.ts';
import { holdOutItems } from '../../src/dataset/hold-out-items.ts';
import { type SeenPairs, seenBefore } from '../../src/dataset/seen.ts';
import type { Weighting } from '../../src/domain/data/weighting.ts';
import { blockRows, type Row, sourceOf } from '../helpers/data.ts';

const WEIGHTING: Weighting = {
  types: { rating: { weight: 1, minValue: 4 }, view: { weight: 0 } },
  otherTypes: 1,
  halfLifeDays: null,
};
const [I, J, K] = ['item/00', 'item/01', 'item/02'];
const mine = (item: string, more: Partial<Row> = {}): Row => ({ user: 'u', item, type: 'click', ...more });
/** A user who has one pair that counts, beside the blocks. */
const withUser = (...rows: Row[]) => [...rows, mine('item/09'), ...blockRows()];
const build = (rows: Row[], filter = {}, withSeen = true) =>
  buildDataset(sourceOf(rows), WEIGHTING, { withSeen, filter });

function seenOf({ users, items }: Pick<Dataset, 'users' | 'items'>, { pairs, since }: SeenPairs, user = 'u') {
  const u = users.indexOf(user);
  const positions = Array.from(
    { length: pairs.indptr[u + 1]! - pairs.indptr[u]! },
    (_, i) => pairs.indptr[u]! + i,
  );
  return Object.fromEntries(positions.map((p) => [items[pairs.indices[p]!], since[p]]));
}

describe('pairs that do not count', () => {
  it('are low ratings, types of weight 0 and rows outside the filter, from their first row on', async () => {
    const rows = withUser(
      mine(I, { type: 'rating', value: 2, timestamp: 9_000 }),
      mine(I, { type: 'view', timestamp: 7_000 }),
      mine(J, { type: 'view' }),
      mine(K, { timestamp: 10 }),
      mine('item/09', { timestamp: 6_000 }),
    );
    const data = await build(rows, { since: 5_000 });
    expect(seenOf(data, data.seen!)).toEqual({ [I]: 7_000, [J]: Number.NEGATIVE_INFINITY, [K]: 10 });
  });

  it('are none of those that count as well, and of nobody and nothing outside the data set', async () => {
    const rows = withUser(
      mine(I, { type: 'rating', value: 1, timestamp: 5 }),
      mine(I, { type: 'rating', value: 5, timestamp: 9 }),
      mine('only viewed', { type: 'view' }),
      { user: 'viewer', item: J, type: 'view' },
    );
    const data = await build(rows);
    expect(data.seen!.pairs.indices).toHaveLength(0);
    expect(data.seen!.pairs).toMatchObject({ rows: data.users.length, columns: data.items.length });
  });

  it('keep to the users and items that a minimum leaves', async () => {
    const rows = withUser(
      mine('rare', { timestamp: 3 }),
      mine('rare', { type: 'view', user: 'user 00', timestamp: 1 }),
      mine('item/05', { type: 'view', timestamp: 2 }),
    );
    const data = await build(rows, { minInteractions: { perItem: 2 } });
    expect(data.items).not.toContain('rare');
    expect(seenOf(data, data.seen!)).toEqual({ 'item/05': 2 });
    expect(data.seen!.pairs.indices).toHaveLength(1);
  });

  it('are what is too old to weigh anything', async () => {
    const aging = { ...WEIGHTING, halfLifeDays: 30 };
    const rows = withUser(mine(I, { timestamp: 0 }));
    const data = await buildDataset(sourceOf(rows), aging, { withSeen: true });
    expect(seenOf(data, data.seen!)).toEqual({ [I]: 0 });
  });

  it('change the hash, and are not read where nobody asks', async () => {
    const viewed = withUser(mine(I, { type: 'view', timestamp: 1 }));
    const hashes = [await build(withUser()), await build(viewed), await build(viewed, {}, false)].map(
      ({ hash }) => hash,
    );
    expect(hashes[1]).not.toBe(hashes[0]);
    const unread = await build(viewed, {}, false);
    expect(unread.seen).toBeUndefined();
    expect(unread.hash).toBe((await build(withUser(), {}, false)).hash);
  });

  it('are known from their first row on', async () => {
    const rows = withUser(mine(I, { type: 'view', timestamp: 10 }), mine(J, { type: 'view' }));
    const data = await build(rows);
    const u = data.users.indexOf('u');
    const known = (time: number) => {
      const until = new Float64Array(data.users.length).fill(time);
      const { indptr, indices } = seenBefore(data.seen!, until);
      return Array.from(indices.subarray(indptr[u]!, indptr[u + 1]!), (item) => data.items[item]);
    };
    expect(known(10)).toEqual([J]);
    expect(known(11)).toEqual([I, J]);
    expect(seenBefore(data.seen!)).toBe(data.seen!.pairs);
  });

  it('go with their items where some are held out', async () => {
    const all = Array.from({ length: 24 }, (_, i) => `item/${String(i).padStart(2, '0')}`);
    const rows = withUser(
      ...all.filter((id) => id !== 'item/09').map((id) => mine(id, { type: 'view', timestamp: 4 })),
    );
    const { dataset, cold } = holdOutItems(await build(rows), 0.3, 1);
    const ids = { users: dataset.users, items: [...dataset.items, ...cold!.ids] };
    const [known, others] = [seenOf(ids, dataset.seen!), seenOf(ids, cold!.seen!)];
    expect(Object.keys(known).every((id) => dataset.items.includes(id))).toBe(true);
    expect(Object.keys(others).every((id) => cold!.ids.includes(id))).toBe(true);
    expect(Object.keys({ ...known, ...others }).sort()).toEqual(all.filter((id) => id !== 'item/09'));
    expect([dataset.seen!.pairs.columns, cold!.seen!.pairs.columns]).toEqual([dataset.items.length, 24]);
  });

  it('are those of its own types for each of several tasks, and what is disliked for all', async () => {
    const tasks = [
      { name: 'click', types: ['click'] },
      { name: 'rate', types: ['rating', 'view'] },
    ];
    const rows = withUser(
      mine(I, { type: 'rating', value: 1, timestamp: 3 }),
      mine(J, { type: 'view', timestamp: 4 }),
      mine(K, { type: 'rating', value: 5 }),
    );
    const data = await buildTaskDataset(
      sourceOf(rows),
      { ...WEIGHTING, types: { ...WEIGHTING.types, click: { weight: 1 } } },
      tasks,
    );
    expect(data.tasks.map(({ seen }) => seenOf(data, seen))).toEqual([{ [I]: 3 }, { [I]: 3, [J]: 4 }]);
  });
});
