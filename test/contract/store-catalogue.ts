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

    it('changes one item from what it is, and leaves it alone when the change throws', async () => {
      const open = await database();
      const [one, two] = [await open(), await open()];
      await one.catalogue.putItems([item('a', { features: { n: 0 } })]);
      const add = (store: typeof one) =>
        store.catalogue.changeItem('a', (old) => ({ ...old!, features: { n: Number(old!.features.n) + 1 } }));
      await Promise.all([one, two, one, two, one].map(add));
      expect((await two.catalogue.getItem('a'))?.features).toEqual({ n: 5 });
      const refuse = one.catalogue.changeItem('b', (old) => {
        throw new Error(`it is ${old}`);
      });
      await expect(refuse).rejects.toThrow('it is null');
      expect(await one.catalogue.getItem('b')).toBeNull();
    });

    it('deletes an item: unknown, restricted, until it is put again', async () => {
      const { catalogue, interactions } = await (await database())();
      await catalogue.putItems([item('a', { title: 'A', categories: ['x'] })]);
      await interactions.add([interaction({ itemId: 'a' }), interaction({ itemId: 'only-interactions' })]);
      const before = await catalogue.itemsRevision();
      expect(await catalogue.deleteItem('a')).toBe(true);
      expect(await catalogue.deleteItem('a')).toBe(false);
      expect(await catalogue.deleteItem('nope')).toBe(false);
      expect(await catalogue.deleteItem('only-interactions')).toBe(true);
      expect(await catalogue.itemsRevision()).toBeGreaterThan(before);
      expect(await catalogue.getItem('a')).toBeNull();
      expect((await catalogue.listItems({}, 10)).rows).toEqual([]);
      expect((await catalogue.restrictedItems()).map(({ itemId }) => itemId)).toContain('a');
      await catalogue.putItems([item('a')]);
      expect(await catalogue.getItem('a')).toEqual(item('a'));
      expect(await interactions.history('ann', 5)).toHaveLength(2);
    });

    it('finds items by words of their titles, in any order and case', async () => {
      const { catalogue } = await (await database())();
      await catalogue.putItems([
        item('a', { title: 'Star Wars (1977)' }),
        item('b', { title: 'A 100% Star_Trek\\' }),
        item('c', { title: null }),
      ]);
      const ids = async (title: string) =>
        (await catalogue.listItems({ title }, 10)).rows.map(({ itemId }) => itemId);
      expect(await ids('wars sTar')).toEqual(['a']);
      expect(await ids('  star ')).toEqual(['a', 'b']);
      expect(await ids('wars trek')).toEqual([]);
      expect(await ids('0%')).toEqual(['b']);
      expect(await ids('r_t')).toEqual(['b']);
      expect(await ids('k\\')).toEqual(['b']);
    });

    it('lists items and users in pages that cover each once, filtered', async () => {
      const { catalogue, interactions } = await (await database())();
      await interactions.add([interaction({ itemId: 'not in the catalogue' })]);
      await catalogue.putItems([
        item('a', { categories: ['Film "noir"'] }),
        item('b', { categories: ['Film'], labels: ['new'], hidden: true }),
        item('c', { categories: ['film', 'Film'] }),
      ]);
      await catalogue.putUsers(['x', 'y', 'z'].map((userId) => ({ userId, features: {} })));
      const ids = async (filter: object) =>
        (await catalogue.listItems(filter, 10)).rows.map(({ itemId }) => itemId);
      expect(await ids({})).toEqual(['a', 'b', 'c']);
      expect(await ids({ category: 'Film' })).toEqual(['b', 'c']);
      expect(await ids({ category: 'Film "noir"' })).toEqual(['a']);
      expect(await ids({ category: '%' })).toEqual([]);
      expect(await ids({ label: 'new', hidden: true })).toEqual(['b']);
      expect(await ids({ hidden: false })).toEqual(['a', 'c']);
      expect(await ids({ itemId: ['c', 'unknown', 'a'] })).toEqual(['a', 'c']);
      expect(await ids({ itemId: ['b'], hidden: false })).toEqual([]);
      const first = await catalogue.listItems({}, 2);
      const rest = await catalogue.listItems({}, 2, first.nextCursor!);
      expect([...first.rows, ...rest.rows].map(({ itemId }) => itemId)).toEqual(['a', 'b', 'c']);
      expect(rest.nextCursor).toBeNull();
      const users = await catalogue.listUsers(2);
      expect((await catalogue.listUsers(2, users.nextCursor!)).rows).toEqual([{ userId: 'z', features: {} }]);
    });
  });
}
