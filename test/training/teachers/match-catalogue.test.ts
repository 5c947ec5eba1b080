import { describe, expect, it } from 'vitest';
import type { StoredItem } from '../../../src/domain/data/catalogue.ts';
import { mapCatalogue } from '../../../src/training/teachers/match-catalogue.ts';
import { denseOf } from '../../helpers/data.ts';
import { item } from '../../helpers/store.ts';

function source(items: StoredItem[]) {
  const asked: string[] = [];
  return {
    asked,
    getItems: async (ids: readonly string[]) => {
      asked.push(...ids);
      return items.filter(({ itemId }) => ids.includes(itemId));
    },
  };
}

describe('one catalogue in terms of another', () => {
  it('finds items by their ids, wherever they stand, and counts those that are gone', async () => {
    const { map, oldRows, counts } = await mapCatalogue(['a', 'b', 'c'], ['c', 'a', 'new'], source([]));
    expect(denseOf(map)).toEqual([
      [0, 0, 1],
      [1, 0, 0],
      [0, 0, 0],
    ]);
    expect([...oldRows]).toEqual([2, 0, -1]);
    expect(counts).toEqual({ known: 2, alike: 0, unknown: 1, gone: 1 });
  });

  it('asks for nothing where no item is new', async () => {
    const items = source([]);
    await mapCatalogue(['a', 'b'], ['b'], items);
    expect(items.asked).toEqual([]);
  });

  it('takes for a new item the mean of those that share its category', async () => {
    const catalogue = [
      item('a', { categories: ['film'] }),
      item('b', { categories: ['book'] }),
      item('c', { categories: ['film'] }),
      item('new', { categories: ['film'] }),
    ];
    const { map, counts } = await mapCatalogue(['a', 'b', 'c'], ['a', 'new'], source(catalogue));
    expect(denseOf(map)[1]).toEqual([0.5, 0, 0.5]);
    expect(counts).toEqual({ known: 1, alike: 1, unknown: 0, gone: 2 });
  });

  it('counts rare traits more than common ones, features and labels too', async () => {
    const films = Array.from({ length: 8 }, (_, i) => item(`f${i}`, { categories: ['film'] }));
    const same = item('same', {
      categories: ['film'],
      labels: ['noir'],
      features: { tags: ['Paris', 'night'] },
    });
    const fresh = item('new', { categories: ['film'], labels: ['noir'], features: { tags: ['Paris'] } });
    const old = [...films, same].map(({ itemId }) => itemId);
    const { map } = await mapCatalogue(old, ['new'], source([...films, same, fresh]));
    const weights = denseOf(map)[0]!;
    expect(weights.reduce((sum, x) => sum + x, 0)).toBeCloseTo(1, 6);
    expect(weights[8]!).toBeGreaterThan(8 * weights[0]!);
  });

  it('takes 32 at most', async () => {
    const films = Array.from({ length: 100 }, (_, i) => item(`f${i}`, { categories: ['film'] }));
    const old = films.map(({ itemId }) => itemId);
    const all = source([...films, item('new', { categories: ['film'] })]);
    const { map } = await mapCatalogue(old, ['new'], all);
    expect([...map.indices]).toEqual(Array.from({ length: 32 }, (_, i) => i));
  });
});
