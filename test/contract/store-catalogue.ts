import { describe, expect, it } from 'vitest';
import { interaction, item } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

export function catalogueSuite({ database }: StoreUnderTest): void {
  describe('catalogue', () => {
    it('gives an item back as it was put', async () => {
      const { catalogue } = await (await database())();
      const film = item('film/1', {
        title: 'Toy Story "1995" 🎬',
        categories: ['Animation', "Children's"],
        labels: ['new'],
        features: { year: 1995, nested: { a: [1, null, 'x'] } },
        hidden: true,
        availableFrom: 1,
        availableUntil: 2_000_000_000_000,
      });
      await catalogue.putItems([film]);
      expect(await catalogue.getItem('film/1')).toEqual(film);
    });

    it('replaces an item as a whole, and of two in one call keeps the later', async () => {
      const { catalogue } = await (await database())();
      await catalogue.putItems([item('a', { title: 'first', hidden: true })]);
      await catalogue.putItems([item('a', { labels: ['second'] }), item('a', { labels: ['third'] })]);
      expect(await catalogue.getItem('a')).toEqual(item('a', { labels: ['third'] }));
    });

    it('does not know an item that only interactions speak of, until it is put', async () => {
      const { catalogue, interactions } = await (await database())();
      await interactions.add([interaction({ itemId: 'a' })]);
      expect(await catalogue.getItem('a')).toBeNull();
      await catalogue.putItems([item('a', { title: 'A' })]);
      expect((await catalogue.getItem('a'))?.title).toBe('A');
      expect(await interactions.mostPopular(1)).toEqual([{ itemId: 'a', count: 1 }]);
    });

    it('gives several items in the order asked for and leaves unknown ones out', async () => {
      const { catalogue } = await (await database())();
      await catalogue.putItems(['a', 'b', 'c'].map((id) => item(id)));
      const found = await catalogue.getItems(['c', 'nope', 'a']);
      expect(found.map(({ itemId }) => itemId)).toEqual(['c', 'a']);
    });

    it('lists the items that are hidden or have a window, and no others', async () => {
      const { catalogue } = await (await database())();
      await catalogue.putItems([
        item('plain'),
        item('hidden', { hidden: true }),
        item('from', { availableFrom: 5 }),
        item('until', { availableUntil: 5 }),
      ]);
      const restricted = await catalogue.restrictedItems();
      expect(restricted.map(({ itemId }) => itemId).sort()).toEqual(['from', 'hidden', 'until']);
      await catalogue.putItems([item('hidden')]);
      expect(await catalogue.restrictedItems()).toHaveLength(2);
    });

    it('counts every change to items, so that another process can see it', async () => {
      const open = await database();
      const [here, there] = [await open(), await open()];
      const before = await there.catalogue.itemsRevision();
      await here.catalogue.putItems([item('a')]);
      const after = await there.catalogue.itemsRevision();
      expect(after).toBeGreaterThan(before);
      expect(await here.catalogue.itemsRevision()).toBe(after);
    });

    it('puts and replaces users, and knows those only who were put', async () => {
      const { catalogue, interactions } = await (await database())();
      await interactions.add([interaction({ userId: 'ann' })]);
      expect(await catalogue.getUser('ann')).toBeNull();
      await catalogue.putUsers([
        { userId: 'ann', features: { age: 24 } },
        { userId: 'ann', features: { age: 25 } },
      ]);
      expect(await catalogue.getUser('ann')).toEqual({ userId: 'ann', features: { age: 25 } });
      expect(await interactions.history('ann', 5)).toHaveLength(1);
    });
  });
}
