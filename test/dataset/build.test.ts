import { describe, expect, it } from 'vitest';
import { createRng } from '../../src/core/rng.ts';
import { buildDataset, type Dataset } from '../../src/dataset/build.ts';
import { positionsInOrder } from '../../src/dataset/split/places.ts';
import { DEFAULT_WEIGHTING, type Weighting } from '../../src/domain/data/weighting.ts';
import { blockRows, denseOf, type Row, sourceOf } from '../helpers/data.ts';

const DAY = 86_400_000;
const build = (rows: readonly Row[], weighting: Weighting = DEFAULT_WEIGHTING, chunk?: number) =>
  buildDataset(sourceOf(rows, chunk), weighting);

/** Without the places in the storage, which decide between equal times alone. */
const stored = ({ arrival: _, repeats, ...data }: Dataset) => ({
  ...data,
  repeats: repeats && { ...repeats, arrival: null },
});

/** Enough rows that every data set is accepted, and extra ones at its front. */
const withExtra = (...extra: Row[]) => [...extra, ...blockRows()];

async function weightOf(rows: Row[], user: string, item: string, weighting?: Weighting) {
  const { users, items, matrix } = await build(rows, weighting);
  return denseOf(matrix)[users.indexOf(user)]![items.indexOf(item)]!;
}

describe('a data set', () => {
  it('numbers users and items in the order of their ids, whatever the order of storage', async () => {
    const rows = withExtra({ user: 'b', item: 'z' }, { user: 'a', item: 'é' }, { user: 'a', item: 'A' });
    const { users, items, matrix } = await build(rows);
    expect(users).toEqual([...new Set(rows.map((row) => row.user))].sort());
    expect(items).toEqual([...new Set(rows.map((row) => row.item))].sort());
    const pairs = users.flatMap((user, u) =>
      items.filter((_, i) => denseOf(matrix)[u]![i] === 1).map((item) => `${user}|${item}`),
    );
    expect(pairs).toEqual(rows.map(({ user, item }) => `${user}|${item}`).sort());
  });

  it('is the same for any order of storage and any size of chunks', async () => {
    const rows = blockRows().map((row, i) => ({ ...row, type: i % 3 ? 'click' : 'purchase' }));
    const rng = createRng(9);
    const first = await build(rows);
    for (const chunk of [1, 1000]) {
      const again = await build(rng.shuffle([...rows]), DEFAULT_WEIGHTING, chunk);
      expect(stored(again)).toEqual(stored(first));
    }
  });

  it('has another hash when one weight, one time or one id is another', async () => {
    const rows = blockRows();
    const changed = (change: Partial<Row>) => rows.map((row, i) => (i === 17 ? { ...row, ...change } : row));
    const purchases: Weighting = { ...DEFAULT_WEIGHTING, types: { purchase: { weight: 2 } } };
    const hashes = await Promise.all([
      build(rows, purchases),
      build(changed({ type: 'purchase' }), purchases),
      build(changed({ timestamp: rows[17]!.timestamp! + 1 }), purchases),
      build(changed({ timestamp: undefined }), purchases),
      build(changed({ user: 'user new' }), purchases),
      build(changed({ item: 'item new' }), purchases),
    ]);
    expect(new Set(hashes.map((data) => data.hash)).size).toBe(6);
    expect(hashes[0]!.hash).toMatch(/^[0-9a-f]{64}$/);
  });

  it('keeps the greatest weight and the first time of a repeated pair', async () => {
    const repeated = [
      { user: 'u', item: 'i', type: 'click' },
      { user: 'u', item: 'i', type: 'click', timestamp: 5000 },
      { user: 'u', item: 'i', type: 'purchase', timestamp: 9000 },
      { user: 'u', item: 'i', type: 'click' },
      { user: 'u', item: 'i', type: 'click', timestamp: 3000 },
    ];
    const weighting: Weighting = { types: { purchase: { weight: 4 } }, otherTypes: 1, halfLifeDays: null };
    const { users, items, matrix, firstSeen } = await build(withExtra(...repeated), weighting);
    const u = users.indexOf('u');
    expect(matrix.indptr[u + 1]! - matrix.indptr[u]!).toBe(1);
    expect(denseOf(matrix)[u]![items.indexOf('i')]).toBe(4);
    expect(firstSeen[matrix.indptr[u]!]).toBe(3000);
  });

  it('has no time for a pair that never had one', async () => {
    const { users, matrix, firstSeen } = await build(withExtra({ user: 'u', item: 'i' }));
    expect(firstSeen[matrix.indptr[users.indexOf('u')]!]).toBeNaN();
    expect(firstSeen.filter(Number.isNaN)).toHaveLength(1);
  });
});

describe('the weight of a pair', () => {
  it('leaves ratings below the least value out', async () => {
    const rows = withExtra(
      { user: 'u', item: 'liked', type: 'rating', value: 4 },
      { user: 'u', item: 'disliked', type: 'rating', value: 3 },
    );
    const { items } = await build(rows);
    expect(items).toContain('liked');
    expect(items).not.toContain('disliked');
  });

  it('is that of other types where the type is not named, and 0 leaves those out', async () => {
    const rows = withExtra({ user: 'u', item: 'i', type: 'view' }, { user: 'u', item: 'j', type: 'save' });
    const types = { view: { weight: 3 }, click: { weight: 1 } };
    expect(await weightOf(rows, 'u', 'j', { types, otherTypes: 0.5, halfLifeDays: null })).toBe(0.5);
    const { items } = await build(rows, { types, otherTypes: 0, halfLifeDays: null });
    expect(items).toContain('i');
    expect(items).not.toContain('j');
  });

  it('halves with every half-life before the newest interaction that counts', async () => {
    const newest = Math.max(...blockRows().map((row) => row.timestamp!));
    const rows = withExtra(
      { user: 'u', item: 'new', timestamp: newest },
      { user: 'u', item: 'old', timestamp: newest - 60 * DAY },
      { user: 'u', item: 'timeless' },
      { user: 'u', item: 'ignored', type: 'rating', value: 1, timestamp: newest + 30 * DAY },
    );
    const weighting = { ...DEFAULT_WEIGHTING, halfLifeDays: 30 };
    expect(await weightOf(rows, 'u', 'new', weighting)).toBe(1);
    expect(await weightOf(rows, 'u', 'old', weighting)).toBe(0.25);
    expect(await weightOf(rows, 'u', 'timeless', weighting)).toBe(1);
  });

  it('leaves out what is too old to weigh anything', async () => {
    const rows = withExtra({ user: 'u', item: 'ancient', timestamp: 0 }, { user: 'u', item: 'timeless' });
    const { items } = await build(rows, { ...DEFAULT_WEIGHTING, halfLifeDays: 30 });
    expect(items).not.toContain('ancient');
    expect(items).toContain('timeless');
  });
});

describe('too little data', () => {
  it('is refused with what there is and what is needed', async () => {
    const rows = Array.from({ length: 12 }, (_, i) => ({ user: `u${i % 3}`, item: `i${i % 4}` }));
    await expect(build(rows)).rejects.toMatchObject({
      code: 'not-enough-data',
      detail:
        'There are 3 users, 4 items and 12 user-item pairs that count; at least 10 users, 10 items and 50 pairs are needed',
    });
  });

  it('names the weighting when that left interactions out', async () => {
    const rows = blockRows().map((row) => ({ ...row, type: 'rating', value: 2 }));
    const error = await build(rows).catch((e) => e);
    expect(error).toMatchObject({ code: 'not-enough-data' });
    expect(error.detail).toContain('There are 0 users, 0 items and 0 user-item pairs');
    expect(error.detail).toContain(`${rows.length} interactions were left out by what their types mean`);
    expect(error.detail).toContain('"minValue":4');
  });

  it('is refused when there is nothing at all', async () => {
    await expect(build([])).rejects.toMatchObject({ code: 'not-enough-data' });
  });
});

describe('types that are held out', () => {
  const heldOut = { test: 'test', validation: 'valid' };
  const named: Weighting = { types: { click: { weight: 3 } }, otherTypes: 0, halfLifeDays: null };

  it('count even where the weighting names others only, and what is trained on is not held out as well', async () => {
    const rows = withExtra(
      { user: 'u', item: 'a', type: 'test' },
      { user: 'u', item: 'b', type: 'valid' },
      { user: 'u', item: 'c', type: 'test' },
      { user: 'u', item: 'c', type: 'click' },
      { user: 'u', item: 'd', type: 'purchase' },
    );
    const { users, items, matrix, part } = await buildDataset(sourceOf(rows), named, { heldOut });
    const from = matrix.indptr[users.indexOf('u')]!;
    const found = [0, 1, 2].map((i) => [
      items[matrix.indices[from + i]!],
      matrix.values[from + i],
      part![from + i],
    ]);
    // TEST is 2, VALIDATION 1, TRAIN 0.
    expect(found).toEqual([
      ['a', 1, 2],
      ['b', 1, 1],
      ['c', 3, 0],
    ]);
    expect(matrix.indptr[users.indexOf('u') + 1]! - from).toBe(3);
  });

  it('must exist', async () => {
    const options = { heldOut: { test: 'tset' } };
    await expect(buildDataset(sourceOf(blockRows()), DEFAULT_WEIGHTING, options)).rejects.toThrow(
      /dataset\.split\.test names the type tset, which no interaction has; there are: click/,
    );
  });
});

describe('a data set in order', () => {
  const inOrder = (rows: readonly Row[]) =>
    buildDataset(sourceOf(rows), DEFAULT_WEIGHTING, { inOrder: true });
  const historyOf = ({ users, items, matrix }: Dataset, user: string) =>
    [...positionsInOrder(matrix, users.indexOf(user))].map((p) => items[matrix.indices[p]!]);
  const visit = (item: string, timestamp: number) => ({ user: 'u', item, timestamp });

  it('has each history by time, equal times as they were stored, a repeated item at its newest place', async () => {
    const rows = [visit('b', 7), visit('a', 7), visit('d', 9), visit('c', 3), visit('c', 8), visit('d', 5)];
    expect(historyOf(await inOrder(withExtra(...rows)), 'u')).toEqual(['b', 'a', 'c', 'd']);
    expect(historyOf(await inOrder(withExtra(...rows.toReversed())), 'u')).toEqual(['a', 'b', 'c', 'd']);
  });

  it('has another hash for another order, and none of it where order does not count', async () => {
    const rows = [visit('b', 7), visit('a', 7)];
    const [one, other] = [withExtra(...rows), withExtra(...rows.toReversed())];
    expect((await inOrder(one)).hash).not.toBe((await inOrder(other)).hash);
    expect(stored(await build(one))).toEqual(stored(await build(other)));
    expect((await build(one)).matrix.order).toBeUndefined();
  });

  it('stays in order where rare items are left out', async () => {
    const rows = withExtra(visit('item/03', 7), visit('rare', 8), visit('item/02', 9), visit('item/01', 8));
    const filter = { minInteractions: { perItem: 2 } };
    const dataset = await buildDataset(sourceOf(rows), DEFAULT_WEIGHTING, { inOrder: true, filter });
    expect(historyOf(dataset, 'u')).toEqual(['item/03', 'item/01', 'item/02']);
  });

  it('takes a few pairs without a time for the oldest, with a warning', async () => {
    const rows = withExtra(visit('z', 4), { user: 'u', item: 'x' }, visit('y', 3));
    const warned: string[] = [];
    const warn = (message: string) => void warned.push(message);
    const dataset = await buildDataset(sourceOf(rows), DEFAULT_WEIGHTING, { inOrder: true, warn });
    expect(historyOf(dataset, 'u')).toEqual(['x', 'y', 'z']);
    expect(warned).toEqual([
      '1 of 291 user-item pairs have no timestamp, the first is user "u" and item "x". They count as the oldest of their user\'s history',
    ]);
  });

  it('is refused where most pairs have no time, with the first of them', async () => {
    const rows = withExtra(visit('y', 4)).map(({ timestamp: _, ...row }) => row);
    await expect(inOrder(rows)).rejects.toMatchObject({
      code: 'not-enough-data',
      detail: expect.stringMatching(
        /^The task sequential .*: 289 of 289 user-item pairs have no timestamp, the first is user .*\. Send/,
      ),
    });
  });
});
