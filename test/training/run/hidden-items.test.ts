import { expect, it } from 'vitest';
import type { StoredRule } from '../../../src/domain/answers/rule.ts';
import { readHidden } from '../../../src/training/run/hidden-items.ts';
import { item } from '../../helpers/store.ts';

const NOW = 1000;
const ITEMS = ['shown', 'hidden', 'early', 'late', 'ruled', 'horror', 'of another', 'over'];
const rule = (more: Partial<StoredRule>): StoredRule => ({
  ...{ id: 'r', action: 'hide', items: [], categories: [], model: null, position: null, amount: null },
  ...{ from: null, until: null, createdAt: 0 },
  ...more,
});
const catalogue = {
  getItems: async (ids: readonly string[]) =>
    ids.filter((id) => id === 'horror').map((id) => item(id, { categories: ['Horror'] })),
  restrictedItems: async () => [
    item('hidden', { hidden: true }),
    item('early', { availableFrom: NOW + 1 }),
    item('late', { availableUntil: NOW }),
    item('shown', { availableFrom: NOW, availableUntil: NOW + 1 }),
  ],
};
const rules = {
  list: async () => [
    rule({ items: ['ruled'], model: 'movies' }),
    rule({ categories: ['Horror'] }),
    rule({ items: ['of another'], model: 'books' }),
    rule({ items: ['over'], until: NOW }),
    rule({ action: 'boost', items: ['shown'], amount: 1 }),
  ],
};

it('hidden items are those that /recommend shows to nobody at the moment', async () => {
  const rows = await readHidden({ catalogue, rules }, 'movies', ITEMS, NOW);
  expect(Array.from(rows, (row) => ITEMS[row])).toEqual(['hidden', 'early', 'late', 'ruled', 'horror']);
});

it('there are none where neither a catalogue nor rules are kept', async () => {
  expect(await readHidden({ catalogue: { getItems: async () => [] } }, 'movies', ITEMS)).toHaveLength(0);
});
