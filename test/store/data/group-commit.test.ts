import { setTimeout } from 'node:timers/promises';
import { expect, test } from 'vitest';
import { problem } from '../../../src/core/errors.ts';
import { createGroupCommit } from '../../../src/store/data/group-commit.ts';

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

test('many rows wait for nobody', async () => {
  const { groups, add } = grouped(true);
  await add([0]);
  const many = Array.from({ length: 201 }, (_, i) => i);
  const second = add(many);
  await setTimeout(2);
  await Promise.all([second, add([3])]);
  expect(groups).toEqual([[0], many, [3]]);
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
