import { describe, expect, it } from 'vitest';
import { toBatch } from '../../src/store/data/batch.ts';
import { distillationJob, interaction, item } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

export function deletionsSuite({ database }: StoreUnderTest): void {
  describe('deleting a user', () => {
    it('leaves no row and no name of theirs, counts their items down, and records when, not who', async () => {
      const { interactions, catalogue, deletions } = await (await database(() => 77))();
      await catalogue.putUsers([{ userId: 'ann', features: { age: 24 } }]);
      await interactions.add([
        interaction({ itemId: 'a' }),
        interaction({ itemId: 'a', timestamp: 2 }),
        interaction({ itemId: 'b' }),
        interaction({ itemId: 'a', userId: 'bob' }),
        interaction({ itemId: 'c', eventId: 'e' }),
      ]);
      await deletions.interactions({ userId: 'ann', itemId: 'c' });
      const receipt = await deletions.user('ann');
      expect(receipt).toEqual({
        ...{ id: expect.any(String), at: 77, what: 'user', interactions: 3 },
        ...{ rejects: 0, logLines: 0, waitingImports: [] },
      });
      expect(await interactions.history('ann', 10)).toEqual([]);
      expect(await catalogue.getUser('ann')).toBeNull();
      const users = await interactions.snapshot((source) => source.dictionary('users'));
      expect([...users.values()]).toEqual(['bob']);
      expect(await interactions.mostPopular(5)).toEqual([{ itemId: 'a', count: 1 }]);
      expect(JSON.stringify(await deletions.list(10))).not.toContain('ann');
      const { id, at, what } = receipt!;
      expect((await deletions.list(10)).rows).toContainEqual({ id, at, what, interactions: 3 });
      // A new beginning, not held back by the memory of what was deleted before.
      const again = [interaction({ itemId: 'c', eventId: 'e' }), interaction({ itemId: 'a' })];
      expect(await interactions.add(again)).toEqual(['accepted', 'accepted']);
    });

    it('takes bad lines that are theirs, exactly where that was read, and finds one known from these alone', async () => {
      const { deletions, jobs, rejects } = await (await database())();
      const { id } = await jobs.create({ id: 'j', type: 'import', model: null, spec: {} } as never);
      const lines: [text: string, userId?: string][] = [
        ['7,film-7,many', '7'],
        ['8,7,many', '8'],
        ['7;broken'],
        ['{"userId":"\\u0037","itemId":'],
        ['17,a,many'],
        ['"a ""7"" b",c'],
        ['u7,a'],
      ];
      await rejects.add(
        id,
        lines.map(([text, userId], i) => ({ line: i + 1, reason: 'bad', text, userId: userId ?? null })),
      );
      expect(await deletions.user('7')).toMatchObject({ interactions: 0, rejects: 4 });
      expect((await rejects.list(id, 9)).rows.map(({ line }) => line)).toEqual([2, 5, 7]);
      expect(await deletions.user('7')).toBeNull();
      expect(await deletions.user('"7"')).toBeNull();
      expect(await deletions.user('u7')).toMatchObject({ rejects: 1 });
    });

    it('looks through more bad lines than it takes at once', async () => {
      const { deletions, jobs, rejects } = await (await database())();
      const { id } = await jobs.create({ id: 'j', type: 'import', model: null, spec: {} } as never);
      const rows = Array.from({ length: 2_100 }, (_, i) => ({
        line: i + 1,
        reason: 'bad',
        text: `a\\b ${i}`,
      }));
      await rejects.add(id, rows);
      expect(await deletions.user('2050')).toMatchObject({ rejects: 1 });
    });

    it('takes the id out of what trainers printed', async () => {
      const { deletions, jobs } = await (await database())();
      await jobs.create(distillationJob('job-1'));
      const messages = ['epoch 7 of 20', 'user "7" has no rows', 'ada@example.org is odd', 'else'];
      await jobs.log(
        'job-1',
        messages.map((message) => ({ at: 1, level: 'warn' as const, message })),
      );
      expect(await deletions.user('7')).toMatchObject({ logLines: 1 });
      expect(await deletions.user('ada@example.org')).toMatchObject({ logLines: 1 });
      expect((await jobs.logs('job-1', 0, 9)).map(({ message }) => message)).toEqual([
        'epoch 7 of 20',
        'user "[erased]" has no rows',
        '[erased] is odd',
        'else',
      ]);
    });

    it('leaves word for imports that have not ended, and for these alone', async () => {
      let now = 100;
      const { catalogue, deletions, jobs } = await (await database(() => now))();
      const pseudonym = (id: string) => `p-${id}`;
      const erase = async (userId: string) => {
        await catalogue.putUsers([{ userId, features: {} }]);
        return (await deletions.user(userId, [], { pseudonym }))?.waitingImports;
      };
      expect(await erase('ann')).toEqual([]);
      expect(await deletions.erasedSince(0)).toEqual([]);
      await jobs.create({ id: 'j', type: 'import', model: null, spec: {} } as never);
      now = 200;
      expect(await erase('bob')).toEqual(['j']);
      expect(await erase('bob')).toEqual(['j']);
      expect(await deletions.erasedSince(100)).toEqual(['p-bob']);
      expect(await deletions.erasedSince(201)).toEqual([]);
      await jobs.transition('j', ['queued'], 'cancelled');
      expect(await erase('cy')).toEqual([]);
      expect(await deletions.erasedSince(0)).toEqual([]);
      expect(await deletions.user('nobody', [], { pseudonym, isKnown: true })).toMatchObject({
        interactions: 0,
      });
    });

    it('says null for one of whom nothing is known', async () => {
      const { deletions } = await (await database())();
      expect(await deletions.user('nobody')).toBeNull();
      expect((await deletions.list(10)).rows).toEqual([]);
    });
  });

  describe('deleting interactions', () => {
    it.each([
      [{ userId: 'ann' }, 4, 'interactions by userId'],
      [{ itemId: 'b' }, 2, 'interactions by itemId'],
      [{ type: 'buy' }, 2, 'interactions by type'],
      [{ userId: 'ann', itemId: 'a', type: 'click' }, 2, 'interactions by userId and itemId and type'],
      [{ userId: 'nobody' }, 0, 'interactions by userId'],
      [{ userId: 'ann', type: 'unheard' }, 0, 'interactions by userId and type'],
    ])('by %j takes %i', async (filter, count, what) => {
      const { interactions, deletions } = await (await database())();
      await interactions.add([
        interaction({ itemId: 'a' }),
        interaction({ itemId: 'a', timestamp: 5 }),
        interaction({ itemId: 'a', type: 'buy' }),
        interaction({ itemId: 'b' }),
        interaction({ itemId: 'b', userId: 'bob', type: 'buy' }),
      ]);
      expect(await deletions.interactions(filter)).toMatchObject({ interactions: count, what });
      expect(await interactions.countUpTo(100)).toBe(5 - count);
      const popular = await interactions.mostPopular(9);
      expect(popular.reduce((sum, row) => sum + row.count, 0)).toBe(5 - count);
    });

    it('keeps deleted what is sent again, unless it has neither a time nor an event id', async () => {
      const { interactions, deletions } = await (await database())();
      const rows = [
        interaction({ itemId: 'timed' }),
        interaction({ itemId: 'event', eventId: 'e1' }),
        interaction({ itemId: 'bare', timestamp: null }),
      ];
      await interactions.add(rows);
      await deletions.interactions({ userId: 'ann' });
      expect(await interactions.add(rows)).toEqual(['duplicate', 'duplicate', 'accepted']);
      expect(await interactions.add([interaction({ itemId: 'timed', timestamp: 1001 })])).toEqual([
        'accepted',
      ]);
      expect((await interactions.history('ann', 9)).map((row) => row.itemId)).toEqual(['timed', 'bare']);
    });

    it('leaves a row alone that has the pair of a deleted one and an event id of its own', async () => {
      const { interactions, deletions } = await (await database())();
      await interactions.add([interaction()]);
      await deletions.interactions({ type: 'click' });
      const rows = [interaction(), interaction({ eventId: 'own' })];
      expect(await interactions.add(rows)).toEqual(['duplicate', 'accepted']);
    });

    it('goes through more rows than one step takes', async () => {
      const { interactions, deletions } = await (await database())();
      // A step looks through 20,000 rows of the table, and one statement deletes 1,000.
      const rows = Array.from({ length: 20_500 }, (_, i) =>
        interaction({ userId: `u${i % 7}`, itemId: `i${i % 3}`, timestamp: i }),
      );
      await interactions.addBatch(toBatch(rows));
      expect((await deletions.interactions({ itemId: 'i1' })).interactions).toBe(6_833);
      expect((await deletions.interactions({ type: 'click' })).interactions).toBe(13_667);
      expect(await interactions.countUpTo(9)).toBe(0);
      expect(await interactions.mostPopular(9)).toEqual([]);
    });
  });

  it('expires the oldest first, in steps, and never what has no time', async () => {
    const { interactions, deletions, catalogue } = await (await database())();
    await catalogue.putItems([item('film-1')]);
    await interactions.add([
      ...[5, 1, 3, 9].map((timestamp) => interaction({ timestamp })),
      interaction({ timestamp: null }),
    ]);
    expect(await deletions.expire(6, 2)).toBe(2);
    expect((await interactions.history('ann', 9)).map((row) => row.timestamp)).toEqual([9, 5, null]);
    expect(await deletions.expire(6, 2)).toBe(1);
    expect(await deletions.expire(6, 2)).toBe(0);
    expect(await interactions.mostPopular(1)).toEqual([{ itemId: 'film-1', count: 2 }]);
  });

  it('forgets with what has expired that older things were deleted, and nothing newer', async () => {
    const { interactions, deletions } = await (await database())();
    const rows = [5, 6].map((timestamp) => interaction({ timestamp }));
    await interactions.add(rows);
    await deletions.interactions({ userId: 'ann' });
    expect(await interactions.add(rows)).toEqual(['duplicate', 'duplicate']);
    expect(await deletions.expire(6, 10)).toBe(0);
    expect(await interactions.add(rows)).toEqual(['accepted', 'duplicate']);
  });

  it('lists what was deleted, the newest first, in pages', async () => {
    let at = 0;
    const { deletions } = await (await database(() => ++at))();
    for (const userId of ['a', 'b', 'c']) await deletions.interactions({ userId });
    const first = await deletions.list(2);
    expect(first.rows.map((row) => row.at)).toEqual([3, 2]);
    expect((await deletions.list(2, first.nextCursor!)).rows.map((row) => row.at)).toEqual([1]);
  });
}
