import { describe, expect, it } from 'vitest';
import { buildDataset, type Dataset } from '../../src/dataset/build.ts';
import { newestOf } from '../../src/dataset/newest-rows.ts';
import { completeEvent } from '../../src/domain/data/event-type.ts';
import { DEFAULT_WEIGHTING, resolveEvents, type Weighting } from '../../src/domain/data/weighting.ts';
import { blockRows, denseOf, type Row, sourceOf } from '../helpers/data.ts';

const DAY = 86_400_000;
/** Days after all that the others did. */
const LATE = Math.round(blockRows()[0]!.timestamp! / DAY) + 100;
const ITEM = blockRows()[0]!.item;

async function build(rows: Row[], more: Partial<Weighting> = {}): Promise<Dataset> {
  const types = new Set([...blockRows(), ...rows].map(({ type = 'click' }) => type));
  const { events } = resolveEvents({}, types, (type) => completeEvent(type));
  const weighting = { ...DEFAULT_WEIGHTING, types: {}, events, ...more };
  return buildDataset(sourceOf([...blockRows(), ...rows]), weighting, { withSeen: true });
}

const says = (type: string, day: number | undefined, value?: number): Row => ({
  ...{ user: 'u', item: ITEM, type },
  ...(value !== undefined && { value }),
  ...(day !== undefined && { timestamp: day * DAY }),
});

/** The user needs another item to be in the data. */
const other: Row = { user: 'u', item: blockRows().at(-1)!.item, timestamp: DAY };

async function pairOf(rows: Row[], more?: Partial<Weighting>) {
  const { users, items, matrix, seen, disliked } = await build([other, ...rows], more);
  const at = [users.indexOf('u'), items.indexOf(ITEM)] as const;
  const in2 = (pairs: Dataset['matrix'] | undefined) => {
    if (!pairs) return false;
    return pairs.indices.subarray(pairs.indptr[at[0]]!, pairs.indptr[at[0] + 1]!).includes(at[1]);
  };
  return {
    weight: denseOf(matrix)[at[0]]![at[1]]!,
    seen: in2(seen?.pairs),
    disliked: in2(disliked?.pairs) ? denseOf(disliked!.pairs)[at[0]]![at[1]]! : 0,
  };
}

describe('of all that a user said of an item', () => {
  it.each<[string, Row[], number, boolean, number]>([
    ['a like counts', [says('like', 1)], 1, false, 0],
    ['a dislike is seen and disliked', [says('dislike', 1)], 0, true, 1],
    ['an unlike takes the like back', [says('like', 1), says('unlike', 2)], 0, true, 0],
    ['5 then 1 is a 1', [says('rating', 1, 5), says('rating', 2, 1)], 0, true, 1],
    ['5 then 1 is a 1, stored the other way round', [says('rating', 2, 1), says('rating', 1, 5)], 0, true, 1],
    ['1 then 5 is a 5', [says('rating', 1, 1), says('rating', 2, 5)], 1, false, 0],
    ['a refund takes the purchase back', [says('purchase', 1), says('refund', 2)], 0, true, 0],
    ['ten count more than one', [says('purchase', 1, 10)], Math.fround(Math.log2(11)), false, 0],
    ['what is returned is taken off', [says('purchase', 1, 4), says('return', 2, 3)], 1, false, 0],
    [
      'without times the order of storage decides',
      [says('like', undefined), says('dislike', undefined)],
      0,
      true,
      1,
    ],
    ['an impression is nothing', [says('impression', 1)], 0, false, 0],
    ['an unknown type is nothing', [says('frobnicate', 1)], 0, false, 0],
  ])('%s', async (_, rows, weight, seen, disliked) => {
    expect(await pairOf(rows)).toEqual({ weight, seen, disliked });
  });

  it('the newest word ages, not the first', async () => {
    const rows = [says('like', LATE), says('like', LATE + 20)];
    const aged = await pairOf([{ ...other, timestamp: (LATE + 40) * DAY }, ...rows], { halfLifeDays: 20 });
    expect(aged.weight).toBeCloseTo(0.5);
  });

  it('a word that comes later is not known before', async () => {
    const dataset = await build([other, says('purchase', 2, 1), says('purchase', 20, 9)]);
    const until = new Float64Array(dataset.users.length).fill(10 * DAY);
    const { values } = newestOf(dataset, until);
    const [u, i] = [dataset.users.indexOf('u'), dataset.items.indexOf(ITEM)];
    expect(denseOf({ ...dataset.matrix, values })[u]![i]).toBe(1);
    expect(denseOf(dataset.matrix)[u]![i]).toBeCloseTo(Math.log2(11));
  });

  it('what weighs nothing does not make the pair newer', async () => {
    const idle = { meaning: 'positive', weight: 0, seen: true, repeats: 'newest', kind: 'view' } as const;
    const click = completeEvent('click')!;
    const events = { click, view: { ...idle, value: { as: 'none' as const } } };
    const dataset = await build([other, says('click', 2), says('view', 20)], { events });
    const [u, i] = [dataset.users.indexOf('u'), dataset.items.indexOf(ITEM)];
    const { indptr, indices } = dataset.matrix;
    const at = indices.indexOf(i, indptr[u]);
    expect(newestOf(dataset).time[at]).toBe(2 * DAY);
  });

  it('moves vectors where the dislike was said in words, and not by a low rating', async () => {
    const rows = [says('dislike', 1), { ...says('rating', 1), item: 'rated', value: 1 }];
    const { disliked, items } = await build([
      other,
      ...rows,
      { ...other, user: blockRows()[0]!.user, item: 'rated' },
    ]);
    const found = Array.from(disliked!.pairs.indices, (item, p) => [items[item], disliked!.moves[p]]);
    expect(Object.fromEntries(found)).toEqual({ [ITEM]: 1, rated: 0 });
  });

  it('a disliked pair is seen since the dislike, not since it was shown', async () => {
    const { users, seen } = await build([other, says('impression', 2), says('dislike', 20)]);
    expect(seen!.since[seen!.pairs.indptr[users.indexOf('u')]!]).toBe(20 * DAY);
  });

  it('a pair held out by its type is judged by that type', async () => {
    const rows = [says('view', 1), says('buy', 2), says('refund', 3), { ...other, type: 'buy' }];
    const { events } = resolveEvents({}, ['click', 'view', 'buy', 'refund'], (type) => completeEvent(type));
    const dataset = await buildDataset(
      sourceOf([...blockRows(), ...rows]),
      { ...DEFAULT_WEIGHTING, types: {}, events },
      { heldOut: { test: 'buy' } },
    );
    const { matrix, part, users, items } = dataset;
    const user = users.indexOf('u');
    const found = Array.from(
      matrix.indices.subarray(matrix.indptr[user]!, matrix.indptr[user + 1]!),
      (item, n) => [items[item], part![matrix.indptr[user]! + n]],
    );
    // The view stays for training; the other purchase is the test.
    expect(Object.fromEntries(found)).toEqual({ [ITEM]: 0, [other.item]: 2 });
  });
});
