import { expect, it } from 'vitest';
import { DEFAULT_WEIGHTING, usuallyMeant } from '../../../src/domain/data/weighting.ts';
import type { HistoryRow } from '../../../src/store/data/contract.ts';
import { splitHistory } from '../../../src/training/drift/split-history.ts';

const reading = { weighting: DEFAULT_WEIGHTING, installed: usuallyMeant };
/** Newest first, as the store answers: `items` are given oldest first. */
const history = (items: string, type = 'click'): HistoryRow[] =>
  items
    .split('')
    .map((itemId, i) => ({ itemId, type, value: null, timestamp: i }) as HistoryRow)
    .reverse();
const idsOf = (rows: readonly HistoryRow[]) => rows.map(({ itemId }) => itemId).join('');
const split = (rows: HistoryRow[], fresh: string) =>
  splitHistory(rows, reading, (itemId) => fresh.includes(itemId));

it('parts what is new from what the version may know, all rows of an item together', () => {
  const { known, fresh } = split(history('abcab'), 'c')!;
  expect([idsOf(known), fresh]).toEqual(['baba', ['c']]);
});

it('of somebody who came later the older half of the items is the history', () => {
  const { known, fresh } = split(history('abcde'), 'abcde')!;
  expect([idsOf(known), fresh]).toEqual(['cba', ['d', 'e']]);
});

it('is nothing without something new, or without something before it', () => {
  expect(split(history('abc'), '')).toBeNull();
  expect(split(history('a'), 'a')).toBeNull();
  expect(split([], '')).toBeNull();
});

it('what the user does not like is no answer that is waited for', () => {
  const disliked = { itemId: 'x', type: 'dislike', value: null, timestamp: 9 } as HistoryRow;
  const { known, fresh } = split([disliked, ...history('abc')], 'cx')!;
  expect([idsOf(known), fresh]).toEqual(['xba', ['c']]);
});

it('knows when an item was first seen, for versions that have not kept what they learned from', () => {
  const times: unknown[] = [];
  splitHistory(history('aba'), reading, (itemId, firstSeen) => {
    times.push([itemId, firstSeen]);
    return false;
  });
  expect(times).toEqual([
    ['a', 0],
    ['b', 1],
  ]);
});
