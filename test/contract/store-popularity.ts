import { describe, expect, it } from 'vitest';
import { completeEvent } from '../../src/domain/data/event-type.ts';
import type { PopularityDefinition } from '../../src/domain/data/popularity.ts';
import { interaction, item } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

const DAY = 86_400_000;
const NOW = 1_800_000_000_000;
const definition: PopularityDefinition = {
  halfLifeDays: 10,
  recentDays: 7,
  pastDays: 28,
};

const ago = (userId: string, itemId: string, days: number, more = {}) =>
  interaction({ userId, itemId, timestamp: NOW - days * DAY, ...more });

export function popularitySuite({ database }: StoreUnderTest): void {
  describe('popularity', () => {
    it('counts each user once per item, by what is positive, less the older it is', async () => {
      const { interactions, popularity } = await (await database(() => NOW))();
      await interactions.add([
        ...Array.from({ length: 50 }, (_, i) => ago('bot', 'spam', i / 100)),
        ...['a', 'b', 'c'].map((user) => ago(user, 'hit', 0)),
        ago('a', 'old', 10),
        ago('b', 'old', 20),
        ago('c', 'panned', 0, { type: 'rating', value: 1 }),
        ago('a', 'changed', 2, { type: 'rating', value: 5 }),
        ago('a', 'changed', 1, { type: 'rating', value: 1 }),
        ago('b', 'disliked', 2),
        ago('b', 'disliked', 1, { type: 'dislike' }),
        ago('d', 'strange', 0, { type: 'gesture' }),
        ago('c', 'timeless', 0, { timestamp: null }),
      ]);
      expect(await popularity.state()).toBeNull();
      const state = (await popularity.compute(definition))!;
      expect(state).toMatchObject({ generation: 1, computedAt: NOW, newest: NOW, items: 4 });
      expect(await popularity.state()).toEqual(state);
      const { items, next } = await popularity.page(1, 'score', 10);
      expect(items.map(({ itemId, score, users }) => [itemId, score, users])).toEqual([
        ['hit', 3, 3],
        ['spam', 1, 1],
        ['timeless', 1, 1],
        ['old', 0.75, 2],
      ]);
      expect(next).toBeNull();
    });

    it('is outdated when interactions come in, or types come to mean something else', async () => {
      const { interactions, eventTypes, popularity } = await (await database(() => NOW))();
      await interactions.add([ago('a', 'hit', 0), ago('b', 'odd', 0, { type: 'gesture' })]);
      const before = (await popularity.compute(definition))!;
      expect(before.items).toBe(1);
      expect(await popularity.isOutdated(before)).toBe(false);
      await eventTypes.put('gesture', completeEvent('gesture', { meaning: 'positive', weight: 3 })!);
      expect(await popularity.isOutdated(before)).toBe(true);
      const after = (await popularity.compute(definition))!;
      const { items } = await popularity.page(after.generation, 'score', 9);
      expect(items.map(({ itemId, score }) => [itemId, score])).toEqual([
        ['odd', 3],
        ['hit', 1],
      ]);
      expect(await popularity.isOutdated(after)).toBe(false);
      await interactions.add([ago('c', 'hit', 0)]);
      expect(await popularity.isOutdated(after)).toBe(true);
    });

    it('finds what rises above its own past', async () => {
      const { interactions, popularity } = await (await database(() => NOW))();
      const users = (count: number, itemId: string, days: number) =>
        Array.from({ length: count }, (_, i) => ago(`u${i}`, itemId, days));
      await interactions.add([
        ...users(8, 'steady', 1),
        ...users(32, 'steady', 20),
        ...users(8, 'rising', 2),
        ...users(4, 'rising', 10),
        ...users(3, 'new', 3),
        ...users(20, 'gone', 30),
      ]);
      await popularity.compute(definition);
      const { items } = await popularity.page(1, 'trend', 10);
      // Of 4 users in 28 days one is expected in 7: (8 - 1) / sqrt(1 + 1).
      expect(items.map(({ itemId, recent, past, trend }) => [itemId, recent, past, trend])).toEqual([
        ['rising', 8, 4, 7 / Math.SQRT2],
        ['new', 3, 0, 3],
      ]);
    });

    it('is read in pages, and by id, whatever the size of the pages that it is computed from', async () => {
      const { interactions, popularity } = await (await database(() => NOW))();
      const rows = Array.from({ length: 30 }, (_, item) =>
        Array.from({ length: 1 + (item % 7) }, (_, user) => ago(`u${user}`, `i${item}`, 0)),
      ).flat();
      await interactions.add(rows);
      const lists: unknown[] = [];
      for (const pageRows of [1, 7, 4000]) {
        const { generation } = (await popularity.compute(definition, { pageRows }))!;
        const list: { itemId: string; score: number }[] = [];
        let cursor: { value: number; itemKey: number } | undefined;
        for (;;) {
          const { items, next } = await popularity.page(generation, 'score', 8, cursor);
          list.push(...items);
          if (!next) break;
          cursor = next;
        }
        lists.push(list);
        expect(list).toHaveLength(30);
        expect(list.map(({ score }) => score)).toEqual(list.map(({ score }) => score).sort((a, b) => b - a));
      }
      expect(lists[0]).toEqual(lists[1]);
      expect(lists[1]).toEqual(lists[2]);
      expect((await popularity.of(3, ['i6', 'nothing'])).map(({ itemId, score }) => [itemId, score])).toEqual(
        [['i6', 7]],
      );
      // The generation before is still there, the one before that is not.
      expect((await popularity.page(2, 'score', 3)).items).toHaveLength(3);
      expect((await popularity.page(1, 'score', 3)).items).toHaveLength(0);
    });

    it('is computed by one process at a time, and again after one that was lost', async () => {
      let now = NOW;
      const open = await database(() => now);
      const stores = [await open(), await open()];
      await stores[0]!.interactions.add([ago('a', 'hit', 0)]);
      const states = await Promise.all(stores.map(({ popularity }) => popularity.compute(definition)));
      expect(states.filter((state) => state !== null).length).toBeGreaterThanOrEqual(1);
      expect((await stores[0]!.popularity.page(1, 'score', 3)).items).toHaveLength(1);
      now += DAY;
      expect(await stores[1]!.popularity.compute(definition)).toMatchObject({ computedAt: now });
    });
  });

  describe('the newest items', () => {
    it('come by when they can be had or came into the catalogue, page by page', async () => {
      let now = NOW;
      const { catalogue, interactions } = await (await database(() => now))();
      await interactions.add([interaction({ itemId: 'known' })]);
      await catalogue.putItems([item('first'), item('soon', { availableFrom: NOW + 5000 })]);
      now += 1000;
      await catalogue.putItems([item('second'), item('first', { title: 'Changed' })]);
      now += 1000;
      await catalogue.putItems([item('known')]);
      const found: [string, number][] = [];
      let cursor: { since: number; itemKey: number } | undefined;
      for (;;) {
        const { items, next } = await catalogue.latestItems(1, cursor);
        for (const { itemId, since } of items) found.push([itemId, since - NOW]);
        if (!next) break;
        cursor = next;
      }
      expect(found).toEqual([
        ['soon', 5000],
        ['known', 2000],
        ['second', 1000],
        ['first', 0],
      ]);
      await catalogue.deleteItem('second');
      expect((await catalogue.latestItems(10)).items.map(({ itemId }) => itemId)).not.toContain('second');
      expect(await catalogue.unknownItems(['first', 'film-1', 'second', 'what'])).toEqual([
        'film-1',
        'second',
        'what',
      ]);
      await interactions.add([interaction({ itemId: 'film-1' })]);
      expect(await catalogue.unknownItems(['film-1'])).toEqual([]);
    });
  });
}
