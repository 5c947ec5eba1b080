import { describe, expect, it } from 'vitest';
import { buildDataset } from '../../src/dataset/build.ts';
import { newestOf } from '../../src/dataset/newest-rows.ts';
import { positionsInOrder } from '../../src/dataset/split/places.ts';
import { historyFor, newestKnown, splitPairs } from '../../src/dataset/split/split.ts';
import type { Weighting } from '../../src/domain/data/weighting.ts';
import { blockRows, type Row, sourceOf } from '../helpers/data.ts';

const WEIGHTING: Weighting = { types: { buy: { weight: 5 } }, otherTypes: 1, halfLifeDays: null };
const at = (item: string, timestamp?: number, type = 'click'): Row => ({
  user: 'u',
  item,
  type,
  ...(timestamp !== undefined && { timestamp }),
});
/** Comes back to a at 50, to b at 95 with a purchase; e is the newest pair. */
const ROWS = [
  at('a', 10),
  at('b', 20),
  at('c', 30),
  at('a', 50),
  at('d', 60),
  at('e', 90),
  at('b', 95, 'buy'),
];

async function built(rows: Row[], inOrder = true) {
  const data = await buildDataset(sourceOf([...rows, ...blockRows()]), WEIGHTING, { inOrder });
  const u = data.users.indexOf('u');
  const nameOf = (p: number) => data.items[data.matrix.indices[p]!]!;
  const mine = <T>(values: ArrayLike<T>) => {
    const [from, to] = [data.matrix.indptr[u]!, data.matrix.indptr[u + 1]!];
    return Object.fromEntries(
      Array.from({ length: to - from }, (_, i) => [nameOf(from + i), values[from + i]!]),
    );
  };
  return { data, u, mine };
}

describe('the newest row of each pair', () => {
  it('is that before a moment, with the greatest weight by then', async () => {
    const { data, mine } = await built(ROWS);
    const until = new Float64Array(data.users.length).fill(90);
    const newest = newestOf(data, until);
    expect(mine(newest.time)).toEqual({ a: 50, b: 20, c: 30, d: 60, e: 90 });
    expect(mine(newest.values)).toMatchObject({ a: 1, b: 1 });
    const all = newestOf(data);
    expect(mine(all.time)).toMatchObject({ a: 50, b: 95 });
    expect(mine(all.values)).toMatchObject({ a: 1, b: 5 });
    expect(mine(data.matrix.values)).toMatchObject({ a: 1, b: 5 });
  });

  it('is the only one where nothing is repeated: the arrays of the pairs themselves', async () => {
    const { data } = await built([at('a', 1), at('b', 2)]);
    expect(data.repeats).toBeUndefined();
    expect(newestOf(data)).toMatchObject({ values: data.matrix.values, time: data.firstSeen });
  });

  it('is one with a time before one without, and of equal times the one that was stored last', async () => {
    const { data, mine } = await built(
      [at('x', 7, 'buy'), at('y', 7), at('x', 7), at('y'), at('z'), at('z', undefined, 'buy')],
      false,
    );
    const { time, arrival } = newestOf(data);
    expect(mine(time)).toEqual({ x: 7, y: 7, z: Number.NaN });
    expect(mine(arrival!)).toEqual({ x: 2, y: 1, z: 5 });
  });
});

describe('the histories of a split', () => {
  it('have the order and the weights that were known at the test', async () => {
    const { data, u } = await built(ROWS);
    const split = splitPairs(data, { strategy: 'leave-last-out' }, 1);
    const history = historyFor(split, 'test');
    const shown = (m: typeof history) =>
      [...positionsInOrder(m, u)].map((p) => [data.items[m.indices[p]!], m.values[p]]);
    // b is bought after e, which is the test pair: it is neither newer nor heavier by then.
    expect(shown(history)).toEqual([
      ['b', 1],
      ['c', 1],
      ['a', 1],
      ['d', 1],
    ]);
    expect(shown(newestKnown(split, history, 2))).toEqual([
      ['a', 1],
      ['d', 1],
    ]);
    expect([...positionsInOrder(data.matrix, u)].map((p) => data.items[data.matrix.indices[p]!])).toEqual([
      'c',
      'a',
      'd',
      'e',
      'b',
    ]);
  });
});
