import { setTimeout } from 'node:timers/promises';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { problem } from '../../../src/core/errors.ts';
import { createGroupCommit, createLoadMeter } from '../../../src/store/data/group-commit.ts';

// No time passes between a commit and the next post, however busy the machine is; the pause itself is a real one.
beforeEach(() => void vi.spyOn(performance, 'now').mockReturnValue(0));
afterEach(() => void vi.restoreAllMocks());

/** A store that remembers what each transaction held. */
function grouped(isHigh: boolean, check: (rows: readonly number[]) => void = () => {}) {
  const groups: number[][] = [];
  const add = createGroupCommit(
    async (rows: readonly number[]) => {
      groups.push([...rows]);
      check(rows);
      return rows.map((row) => -row);
    },
    { reset: () => {}, isHigh: () => isHigh },
  );
  return { groups, add };
}

/** One post, and two more a moment after it is answered. */
async function postThree(add: (rows: readonly number[]) => Promise<number[]>) {
  expect(await add([1])).toEqual([-1]);
  const second = add([2]);
  await setTimeout(2);
  return Promise.all([second, add([3])]);
}

test('where a commit would hold up much else, small posts soon after one wait for each other', async () => {
  const { groups, add } = grouped(true);
  expect(await postThree(add)).toEqual([[-2], [-3]]);
  expect(groups).toEqual([[1], [2, 3]]);
});

test('where it would not, nobody waits', async () => {
  const { groups, add } = grouped(false);
  await postThree(add);
  expect(groups).toEqual([[1], [2], [3]]);
});

test.each([
  [200, 'wait too', 2],
  [201, 'wait for nobody', 3],
])('%i rows %s', async (count, _, transactions) => {
  const { groups, add } = grouped(true);
  await add([0]);
  const many = Array.from({ length: count }, (_, i) => i);
  const second = add(many);
  await setTimeout(2);
  await Promise.all([second, add([3])]);
  expect(groups).toHaveLength(transactions);
  expect(groups.flat()).toEqual([0, ...many, 3]);
});

test('where nothing measures the load, nobody waits', async () => {
  const groups: number[][] = [];
  const add = createGroupCommit(async (rows: readonly number[]) => {
    groups.push([...rows]);
    return rows.map((row) => -row);
  });
  await postThree(add);
  expect(groups).toEqual([[1], [2], [3]]);
});

test('one call whose rows break the transaction fails alone; those that shared it are stored', async () => {
  const { groups, add } = grouped(false, (rows) => {
    if (rows.includes(2)) throw new Error('poisoned');
  });
  const answers = await Promise.allSettled([add([1]), add([2, 22]), add([3])]);
  expect(groups).toEqual([[1, 2, 22, 3], [1], [2, 22], [3]]);
  expect(answers).toEqual([
    { status: 'fulfilled', value: [-1] },
    { status: 'rejected', reason: new Error('poisoned') },
    { status: 'fulfilled', value: [-3] },
  ]);
  expect(await add([4])).toEqual([-4]);
});

test('a database that is away is asked once for all that share a transaction', async () => {
  const { groups, add } = grouped(false, (rows) => {
    if (rows.includes(2)) throw problem('store-unavailable', 'The database is away.');
  });
  const answers = await Promise.allSettled([add([1]), add([2]), add([3])]);
  expect(groups).toEqual([[1, 2, 3]]);
  const away = { status: 'rejected', reason: expect.objectContaining({ code: 'store-unavailable' }) };
  expect(answers).toEqual([away, away, away]);
  expect(await add([4])).toEqual([-4]);
});

test('a transaction takes 2,000 rows at most; a larger call goes alone', async () => {
  const { groups, add } = grouped(false);
  const rows = (count: number) => Array.from({ length: count }, (_, i) => i);
  const answers = await Promise.all([1000, 1000, 1, 3000, 5].map((count) => add(rows(count))));
  expect(groups.map(({ length }) => length)).toEqual([2000, 1, 3000, 5]);
  expect(answers.map(({ length }) => length)).toEqual([1000, 1000, 1, 3000, 5]);
});

test('the load is measured anew after each commit', async () => {
  const seen: string[] = [];
  const store = async (rows: readonly number[]) => {
    seen.push('stored');
    return [...rows];
  };
  const add = createGroupCommit(store, { reset: () => void seen.push('reset'), isHigh: () => false });
  await add([1]);
  await add([2]);
  expect(seen).toEqual(['stored', 'reset', 'stored']);
});

test('the load is high where the event loop has rested less than a fifth since the last look', () => {
  const looked = vi.spyOn(performance, 'eventLoopUtilization');
  const busy = (utilization: number) => ({ idle: 0, active: 0, utilization });
  const [created, reset] = [busy(0.1), busy(0.2)];
  looked.mockReturnValueOnce(created).mockReturnValueOnce(busy(0.8)).mockReturnValueOnce(reset);
  looked.mockReturnValueOnce(busy(0.81));
  const load = createLoadMeter();
  expect(load.isHigh()).toBe(false);
  load.reset();
  expect(load.isHigh()).toBe(true);
  expect(looked.mock.calls).toEqual([[], [created], [], [reset]]);
});
