import { describe, expect, it } from 'vitest';
import { DEFAULT_POPULARITY } from '../../src/domain/data/popularity.ts';
import { interaction } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

export function usersSuite({ database }: StoreUnderTest): void {
  const guest = (part: object) => interaction({ userId: 'guest', ...part });

  describe('merging a user into another one', () => {
    it('moves all, keeps what both have once with the newest word, and leaves no name of the guest', async () => {
      const { interactions, catalogue, users } = await (await database(() => 77))();
      await catalogue.putUsers([
        { userId: 'guest', features: { city: 'Bonn', age: 3 } },
        { userId: 'ann', features: { age: 24 } },
      ]);
      await interactions.add([
        interaction({ itemId: 'both', type: 'rating', value: 5 }),
        guest({ itemId: 'both', type: 'rating', value: 1 }),
        guest({ itemId: 'order', eventId: 'e1' }),
        interaction({ itemId: 'order', eventId: 'e1', value: 2 }),
        guest({ itemId: 'undated', timestamp: null }),
        interaction({ itemId: 'undated', timestamp: null }),
        guest({ itemId: 'received', received: true }),
        interaction({ itemId: 'received', received: true }),
        guest({ itemId: 'own', timestamp: 5000 }),
      ]);
      const merge = await users.merge('guest', 'ann');
      expect(merge).toEqual({ into: 'ann', at: 77, interactions: 3, duplicates: 3, isNew: true });
      const history = await interactions.history('ann', 20);
      const found = history.map(({ itemId, value }) => `${itemId} ${value}`).sort();
      expect(found).toEqual(
        ['both 1', 'order 2', 'own null', 'received null', 'received null', 'undated null'].sort(),
      );
      expect(await interactions.history('guest', 9)).toEqual([]);
      expect(await catalogue.getUser('ann')).toEqual({ userId: 'ann', features: { city: 'Bonn', age: 24 } });
      expect(await catalogue.getUser('guest')).toBeNull();
      const names = await interactions.snapshot((source) => source.dictionary('users'));
      expect([...names.values()]).toEqual(['ann']);
      const counts = new Map((await interactions.mostPopular(9)).map(({ itemId, count }) => [itemId, count]));
      expect(Object.fromEntries(counts)).toEqual({ both: 1, order: 1, undated: 1, received: 2, own: 1 });
    });

    it('is done once, makes a user who is new, and is null for a guest whom nobody knows', async () => {
      let now = 1;
      const { interactions, users } = await (await database(() => now))();
      await interactions.add([guest({ itemId: 'a' })]);
      expect(await users.merge('nobody', 'ann')).toBeNull();
      expect(await users.merge('guest', 'ann')).toMatchObject({ interactions: 1, isNew: true });
      now = 2;
      const again = { into: 'ann', at: 1, interactions: 0, duplicates: 0, isNew: false };
      expect(await users.merge('guest', 'ann')).toEqual(again);
      expect(await users.merge('guest', 'bob')).toEqual(again);
      expect(await users.becameOf('guest')).toBe('ann');
      // What comes later is a new guest's, until it is merged again.
      await interactions.add([guest({ itemId: 'b' })]);
      expect(await users.merge('guest', 'ann')).toMatchObject({ at: 2, interactions: 1, isNew: true });
      expect(await interactions.history('ann', 9)).toHaveLength(2);
      // And those who became a guest become what the guest becomes.
      await users.merge('ann', 'anna');
      expect(await users.mergedInto('anna')).toEqual(['ann', 'guest']);
      expect(await users.becameOf('guest')).toBe('anna');
      // Nobody becomes one who is somebody else by now.
      for (const userId of ['anna', 'carl'])
        expect(await users.merge(userId, 'ann')).toEqual({ became: 'anna' });
      expect(await users.becameOf('anna')).toBeNull();
      expect([await users.isThere('anna'), await users.isThere('ann')]).toEqual([true, false]);
    });

    it('keeps deleted what the guest deleted, and all of it is erased with the user', async () => {
      const { interactions, deletions, users, jobs, rejects } = await (await database())();
      await interactions.add([guest({ itemId: 'gone' }), guest({ itemId: 'stays' })]);
      await deletions.interactions({ userId: 'guest', itemId: 'gone' });
      const { id } = await jobs.create({ id: 'j', type: 'import', model: null, spec: {} } as never);
      await rejects.add(id, [{ line: 1, reason: 'no item', text: 'guest,,click' }]);
      await users.merge('guest', 'ann');
      expect(await interactions.add([interaction({ itemId: 'gone' })])).toEqual(['duplicate']);
      await interactions.add([guest({ itemId: 'later', eventId: 'e' })]);
      expect([await interactions.hasEvent('guest', 'e'), await interactions.hasEvent('ann', 'e')]).toEqual([
        true,
        false,
      ]);
      expect(await deletions.user('nobody', ['nobody else'])).toBeNull();
      expect(await deletions.user('ann', ['guest'])).toMatchObject({ interactions: 2 });
      expect(await interactions.countUpTo(9)).toBe(0);
      expect(await users.mergedInto('ann')).toEqual([]);
      expect(await users.becameOf('guest')).toBeNull();
      expect((await rejects.list(id, 9)).rows).toEqual([]);
      expect(await interactions.add([interaction({ itemId: 'gone' })])).toEqual(['accepted']);
    });

    it('makes popularity out of date: two who liked an item are one', async () => {
      const { interactions, popularity, users } = await (await database())();
      await interactions.add([guest({ itemId: 'a' }), interaction({ itemId: 'a', timestamp: 2000 })]);
      const state = (await popularity.compute(DEFAULT_POPULARITY))!;
      expect(await popularity.isOutdated(state)).toBe(false);
      await users.merge('guest', 'ann');
      expect(await popularity.isOutdated((await popularity.state())!)).toBe(true);
      const { generation } = (await popularity.compute(DEFAULT_POPULARITY))!;
      expect((await popularity.of(generation, ['a']))[0]).toMatchObject({ users: 1 });
    });
  });

  it('lists the newest users, and how many there are', async () => {
    const { interactions, users } = await (await database())();
    for (const userId of ['a', 'b', 'c']) await interactions.add([interaction({ userId })]);
    expect(await users.newest(2)).toEqual({ userIds: ['c', 'b'], of: 3 });
  });
}
