import { expect, test } from 'vitest';
import { createItemFilters } from '../../../src/serving/views/item-filter.ts';
import { item } from '../../helpers/store.ts';

const filters = createItemFilters();
const keyOf = (category?: string[], filter?: string) => filters(category, filter)!.key;

test('conditions that differ have different keys', () => {
  const keys = [
    keyOf(['A']),
    keyOf(['B']),
    keyOf(['A', 'B']),
    keyOf(['A,B']),
    keyOf(undefined, 'year = 1'),
    keyOf(undefined, 'year = 2'),
    keyOf(['A'], 'year = 1'),
    keyOf(['A'], 'year = 2'),
    keyOf(['B'], 'year = 1'),
  ];
  expect(new Set(keys).size).toBe(keys.length);
});

test('equal conditions have one key, in whatever order the categories come', () => {
  expect(keyOf(['B', 'A', 'B'], 'year = 1')).toBe(keyOf(['A', 'B'], 'year = 1'));
});

test('both the category and the filter have to hold', () => {
  const { holds } = filters(['A'], 'year = 1')!;
  const film = (category: string, year: number) => item('x', { categories: [category], features: { year } });
  expect([film('A', 1), film('A', 2), film('B', 1)].map(holds)).toEqual([true, false, false]);
});

test('nothing asked is no filter', () => {
  expect(filters(undefined, undefined)).toBeNull();
  expect(filters([], undefined)).toBeNull();
});
