import { describe, expect, it } from 'vitest';
import { buildTaskDataset } from '../../src/dataset/build-tasks.ts';
import { type Csr, commonRows } from '../../src/dataset/matrix.ts';
import { splitPairs } from '../../src/dataset/split/split.ts';
import { taskHistories, trainHistories, unionNewest } from '../../src/dataset/task-histories.ts';
import { csrOf, type Row, sourceOf } from '../helpers/data.ts';

const day = (n: number) => Date.UTC(2026, 0, n);
const rows: Row[] = [
  // Looks at a, b, c, d; buys b on day 2, c on day 5 and d on day 9.
  ...['a', 'b', 'c', 'd'].map((item, i) => ({ user: 'u', item, type: 'view', timestamp: day(1 + 2 * i) })),
  { user: 'u', item: 'b', type: 'buy', timestamp: day(2) },
  { user: 'u', item: 'c', type: 'buy', timestamp: day(5) },
  { user: 'u', item: 'd', type: 'buy', timestamp: day(6) },
  { user: 'u', item: 'e', type: 'view', timestamp: day(20) },
  { user: 'v', item: 'a', type: 'view' },
  { user: 'v', item: 'e', type: 'search', timestamp: day(3) },
];
const WEIGHTING = {
  types: { view: { weight: 0.5 }, buy: { weight: 1 }, search: { weight: 0.25 } },
  otherTypes: 0,
  halfLifeDays: null,
};
const TASKS = [
  { name: 'buy', types: ['buy'] },
  { name: 'look', types: ['view'] },
];

async function built() {
  const dataset = await buildTaskDataset(sourceOf(rows), WEIGHTING, TASKS);
  const split = dataset.tasks.map(({ name, ...pairs }) => ({
    name,
    pairs,
    split: splitPairs(pairs, { strategy: 'leave-last-out' }, 1),
  }));
  return { dataset, split };
}

function shown({ dataset: { users, items } }: Awaited<ReturnType<typeof built>>, matrix: Csr) {
  return Object.fromEntries(
    users.map((user, u) => {
      const from = matrix.indptr[u]!;
      const own = [...matrix.indices.subarray(from, matrix.indptr[u + 1]!)];
      return [user, Object.fromEntries(own.map((item, i) => [items[item]!, matrix.values[from + i]!]))];
    }),
  );
}

describe('the pairs of several tasks', () => {
  it('share users and items, each task with its own behaviours; the others are context', async () => {
    const data = await built();
    const { dataset } = data;
    expect(dataset.items).toEqual(['a', 'b', 'c', 'd', 'e']);
    expect(shown(data, dataset.tasks[0]!.matrix)).toEqual({ u: { b: 1, c: 1, d: 1 }, v: {} });
    expect(shown(data, dataset.tasks[1]!.matrix)).toEqual({
      u: { a: 0.5, b: 0.5, c: 0.5, d: 0.5, e: 0.5 },
      v: { a: 0.5 },
    });
    expect(shown(data, dataset.context!.matrix)).toEqual({ u: {}, v: { e: 0.25 } });
  });

  it('are refused when a task has none', async () => {
    const tasks = [...TASKS, { name: 'cart', types: ['add-to-cart'] }];
    await expect(buildTaskDataset(sourceOf(rows), WEIGHTING, tasks)).rejects.toMatchObject({
      code: 'not-enough-data',
      detail: expect.stringMatching(/cart .*add-to-cart.*buy, search, view/),
    });
  });
});

describe('histories of a student with several tasks', () => {
  it('are the training pairs of all behaviours, each with its greatest weight', async () => {
    const data = await built();
    // Of the purchases b is left to train on, of the looks a, b and c.
    expect(shown(data, trainHistories(data.split, data.dataset.context))).toEqual({
      u: { a: 0.5, b: 1, c: 0.5 },
      v: { a: 0.5, e: 0.25 },
    });
  });

  it('leave out what other behaviours said after the first held-out pair', async () => {
    const data = await built();
    const predicted = { name: 'buy', part: 'test' } as const;
    // d is bought on day 6: what was seen on day 5 is known, and the purchase of c, which was for validation.
    expect(shown(data, taskHistories(data.split, data.dataset.context, predicted)).u).toEqual({
      a: 0.5,
      b: 1,
      c: 1,
    });
    const earlier = { name: 'buy', part: 'validation' } as const;
    // c is bought on day 5, when it was also looked at.
    expect(shown(data, taskHistories(data.split, data.dataset.context, earlier)).u).toEqual({ a: 0.5, b: 1 });
  });

  it('keep what has no time, and users of whom nothing is held out', async () => {
    const data = await built();
    const histories = taskHistories(data.split, data.dataset.context, { name: 'buy', part: 'test' });
    expect(shown(data, histories).v).toEqual({ a: 0.5, e: 0.25 });
  });
});

describe('pairs of several behaviours together', () => {
  it('are one each, with the newest of their times', async () => {
    const data = await built();
    const { matrix, time } = unionNewest(data.split.map(({ pairs }) => pairs));
    expect([...matrix.indices]).toEqual([0, 1, 2, 3, 4, 0]);
    expect([...time.subarray(0, 5)]).toEqual([day(1), day(3), day(5), day(7), day(20)]);
    expect(time[5]).toBeNaN();
  });
});

it('common rows are the entries of the first that the second has', () => {
  const a = csrOf([
    [1, 2, 0, 4],
    [0, 0, 0, 0],
    [5, 0, 6, 0],
  ]);
  const b = csrOf([
    [0, 9, 9, 9],
    [9, 9, 9, 9],
    [9, 0, 0, 0],
  ]);
  expect(commonRows(a, b)).toEqual(
    csrOf([
      [0, 2, 0, 4],
      [0, 0, 0, 0],
      [5, 0, 0, 0],
    ]),
  );
});
