import { describe, expect, it } from 'vitest';
import { toBatch } from '../../src/store/data/batch.ts';
import { interaction, item } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

export function interactionsSuite({ database }: StoreUnderTest): void {
  describe('dedupe', () => {
    it('stores the same user, item, type and time once', async () => {
      const { interactions } = await (await database())();
      expect(await interactions.add([interaction(), interaction()])).toEqual(['accepted', 'duplicate']);
      expect(await interactions.add([interaction({ value: 3 })])).toEqual(['duplicate']);
      expect(await interactions.countUpTo(10)).toBe(1);
    });

    it.each([
      ['user', { userId: 'bob' }],
      ['item', { itemId: 'film-2' }],
      ['type', { type: 'purchase' }],
      ['time', { timestamp: 1001 }],
      ['time, which is none', { timestamp: null }],
    ])('stores again what differs in its %s', async (_what, difference) => {
      const { interactions } = await (await database())();
      await interactions.add([interaction()]);
      expect(await interactions.add([interaction(difference)])).toEqual(['accepted']);
    });

    it('takes two interactions without a time for the same one', async () => {
      const { interactions } = await (await database())();
      await interactions.add([interaction({ timestamp: null })]);
      expect(await interactions.add([interaction({ timestamp: null })])).toEqual(['duplicate']);
    });

    it('goes by the event id, within its user, item and type', async () => {
      const { interactions } = await (await database())();
      const rows = [
        interaction({ eventId: 'e1' }),
        interaction({ eventId: 'e2' }),
        interaction({ eventId: 'e1', timestamp: null }),
        interaction(),
      ];
      expect(await interactions.add(rows)).toEqual(['accepted', 'accepted', 'duplicate', 'accepted']);
      // Another user's id of the same text, another line of the same order, and its refund.
      const others = [
        interaction({ eventId: 'e1', userId: 'bob' }),
        interaction({ eventId: 'e1', itemId: 'film-9' }),
        interaction({ eventId: 'e1', type: 'refund' }),
      ];
      expect(await interactions.add(others)).toEqual(['accepted', 'accepted', 'accepted']);
      expect(await interactions.add(others)).toEqual(['duplicate', 'duplicate', 'duplicate']);
    });

    it('tells events apart whose time is that of receipt, and keeps that and the context', async () => {
      const { interactions, deletions } = await (await database())();
      const row = interaction({ received: true, context: { page: 'search', place: 3 } });
      expect(await interactions.add([row, row])).toEqual(['accepted', 'accepted']);
      expect((await interactions.list(row.userId, 10)).rows).toEqual([row, row]);
      // One that was sent with the same time is another one.
      expect(await interactions.add([interaction()])).toEqual(['accepted']);
      await deletions.interactions({ userId: row.userId });
      expect(await interactions.add([row, interaction()])).toEqual(['accepted', 'duplicate']);
    });

    it('keeps the order of many rows with their contexts', async () => {
      const { interactions } = await (await database())();
      const rows = Array.from({ length: 6_000 }, (_, i) =>
        interaction({
          ...{ userId: `u${i % 7}`, itemId: `i${i}` },
          ...(i % 3 === 0 && { received: true, context: { n: i } }),
        }),
      );
      expect(await interactions.addBatch(toBatch(rows))).toBe(6_000);
      const found = (await interactions.list('u3', 1000)).rows.find(({ itemId }) => itemId === 'i3');
      expect(found).toEqual(rows[3]);
    });

    it('tells rows of an export that were there before from those that it brings', async () => {
      const { interactions, exports } = await (await database())();
      const received = (itemId: string) => interaction({ itemId, received: true, timestamp: 5_000 });
      await interactions.add([
        received('a'),
        received('a'),
        interaction({ itemId: 'given', timestamp: 5_000 }),
      ]);
      const knownUpTo = await exports.newestInteraction();
      const file = ['a', 'a', 'b', 'b', 'given'].map(received);
      expect(await interactions.addBatch({ ...toBatch(file), knownUpTo })).toBe(3);
      expect(
        await interactions.addBatch({ ...toBatch(file), knownUpTo: await exports.newestInteraction() }),
      ).toBe(0);
      // Sent as they come, they are told apart by nothing.
      expect(await interactions.add([received('a')])).toEqual(['accepted']);
    });

    it('keeps the order of a file that is to come out the same', async () => {
      const { interactions, exports } = await (await database())();
      const rows = Array.from({ length: 6_000 }, (_, i) =>
        interaction({ userId: `u${(i * 7) % 50}`, itemId: `i${i}` }),
      );
      await interactions.addBatch({ ...toBatch(rows), inOrder: true });
      const { rows: found } = await exports.interactions(undefined, Number.MAX_SAFE_INTEGER, 6_000, {});
      expect(found.map(({ itemId }) => itemId)).toEqual(rows.map(({ itemId }) => itemId));
    });

    it('holds between two processes that send the same rows at once', async () => {
      const open = await database();
      const stores = [await open(), await open()];
      const rows = Array.from({ length: 300 }, (_, i) => interaction({ itemId: `film-${i}` }));
      const outcomes = await Promise.all(
        stores.flatMap((store) => rows.map((row) => store.interactions.add([row]))),
      );
      expect(outcomes.flat().filter((outcome) => outcome === 'accepted')).toHaveLength(300);
      expect(await stores[0]!.interactions.countUpTo(1000)).toBe(300);
    });
  });

  it('keeps ids as they are: slashes, spaces, emoji, quotes, case, and similar-looking ones apart', async () => {
    const { interactions } = await (await database())();
    const ids = ['a/b', ' a b ', '🎬', "o'brien; --", 'A', 'a', '..', '%00', '\u00e9', 'e\u0301', '1', '01'];
    await interactions.add(ids.map((id) => interaction({ userId: id, itemId: id })));
    for (const id of ids) expect((await interactions.history(id, 10)).map((row) => row.itemId)).toEqual([id]);
  });

  it('adds many rows at once, counts those that are new, and keeps the order within a user', async () => {
    const { interactions } = await (await database())();
    const rows = Array.from({ length: 26_000 }, (_, i) =>
      interaction({ userId: `u${(i * 7) % 2_000}`, itemId: `i${i % 83}`, timestamp: null, eventId: `e${i}` }),
    );
    await interactions.add(rows.slice(0, 100));
    expect(await interactions.addBatch(toBatch([...rows, rows[3]!]))).toBe(25_900);
    const mine = rows.filter(({ userId }) => userId === 'u0').reverse();
    const history = await interactions.history('u0', 100);
    expect(history.map(({ itemId }) => itemId)).toEqual(mine.map(({ itemId }) => itemId));
    expect(await interactions.addBatch(toBatch([]))).toBe(0);
  });

  it('adds nothing when there is nothing to add', async () => {
    const { interactions } = await (await database())();
    expect(await interactions.add([])).toEqual([]);
  });

  describe('history', () => {
    it('gives the newest first, and those without a time last, the latest stored first', async () => {
      const { interactions } = await (await database())();
      await interactions.add([
        interaction({ itemId: 'no-time-1', timestamp: null }),
        interaction({ itemId: 'old', timestamp: 1 }),
        interaction({ itemId: 'new', timestamp: 9, type: 'rating', value: 4.5 }),
        interaction({ itemId: 'no-time-2', timestamp: null }),
        interaction({ itemId: 'middle', timestamp: 5 }),
        interaction({ itemId: 'middle-later-stored', timestamp: 5 }),
        interaction({ itemId: 'of-bob', timestamp: 7, userId: 'bob' }),
      ]);
      const history = await interactions.history('ann', 100);
      expect(history.map((row) => row.itemId)).toEqual([
        'new',
        'middle-later-stored',
        'middle',
        'old',
        'no-time-2',
        'no-time-1',
      ]);
      expect(history[0]).toEqual({ itemId: 'new', type: 'rating', value: 4.5, timestamp: 9 });
    });

    it('gives no more than the limit', async () => {
      const { interactions } = await (await database())();
      await interactions.add([1, 2, 3].map((timestamp) => interaction({ timestamp })));
      expect((await interactions.history('ann', 2)).map((row) => row.timestamp)).toEqual([3, 2]);
    });

    it('is empty for an unknown user', async () => {
      const { interactions } = await (await database())();
      expect(await interactions.history('nobody', 10)).toEqual([]);
    });
  });

  describe('list', () => {
    it('walks through everything, once each and in the order of history', async () => {
      const { interactions } = await (await database())();
      const times = [4, 4, 4, null, null, 1, 9, null];
      await interactions.add(
        times.map((timestamp, i) => interaction({ itemId: `film-${i}`, timestamp, eventId: `e${i}` })),
      );
      const seen: string[] = [];
      let cursor: string | null = null;
      do {
        const page = await interactions.list('ann', 3, cursor ?? undefined);
        expect(page.rows.length).toBeLessThanOrEqual(3);
        seen.push(...page.rows.map((row) => row.itemId));
        cursor = page.nextCursor;
      } while (cursor !== null);
      const history = await interactions.history('ann', 100);
      expect(seen).toEqual(history.map((row) => row.itemId));
      expect(seen).toHaveLength(8);
    });

    it.each([
      'x',
      '',
      'bnVsbA',
      Buffer.from('["a",1]').toString('base64url'),
      Buffer.from('[1]').toString('base64url'),
    ])('refuses the cursor %j and names the field', async (cursor) => {
      const { interactions } = await (await database())();
      await expect(interactions.list('ann', 3, cursor)).rejects.toMatchObject({
        code: 'invalid-request',
        detail: expect.stringContaining('cursor'),
      });
    });
  });

  it('counts no further than asked', async () => {
    const { interactions } = await (await database())();
    await interactions.add([1, 2, 3].map((timestamp) => interaction({ timestamp })));
    expect(await interactions.countUpTo(2)).toBe(2);
    expect(await interactions.countUpTo(50)).toBe(3);
  });

  it('names the items with the most interactions, duplicates not counted', async () => {
    const { interactions, catalogue } = await (await database())();
    await catalogue.putItems([]);
    await interactions.add([
      interaction({ itemId: 'a', userId: 'u1' }),
      interaction({ itemId: 'a', userId: 'u1' }),
      interaction({ itemId: 'b', userId: 'u1' }),
      interaction({ itemId: 'b', userId: 'u2' }),
    ]);
    expect(await interactions.mostPopular(5)).toEqual([
      { itemId: 'b', count: 2 },
      { itemId: 'a', count: 1 },
    ]);
    expect(await interactions.mostPopular(1)).toHaveLength(1);
  });

  it('gives all of little data as a sample, and of much whole histories from everywhere', async () => {
    const { interactions } = await (await database())();
    const USERS = 640;
    const rows = Array.from({ length: USERS * 5 }, (_, i) =>
      interaction({ userId: `u${Math.floor(i / 5)}`, itemId: `i${i % 50}`, timestamp: i }),
    );
    for (let at = 0; at < rows.length; at += 1000) await interactions.add(rows.slice(at, at + 1000));
    const read = (mostRows: number) =>
      interactions.sample(mostRows, async (source, of) => ({
        of,
        users: await source.dictionary('users'),
        items: await source.dictionary('items'),
        chunks: await collect(source.interactions()),
      }));
    const whole = await read(10_000);
    expect(whole.of).toEqual({ rows: 3200, users: USERS, items: 50, isWhole: true });
    expect(whole.chunks.reduce((sum, { length }) => sum + length, 0)).toBe(3200);
    const some = await read(640);
    expect(some.of).toEqual({ rows: 3200, users: USERS, items: 50, isWhole: false });
    const counts = new Map<string, number>();
    for (const { length, userKey, itemKey } of some.chunks) {
      for (let i = 0; i < length; i++) {
        const user = some.users.get(userKey[i]!)!;
        counts.set(user, (counts.get(user) ?? 0) + 1);
        expect(some.items.get(itemKey[i]!)).toMatch(/^i\d+$/);
      }
    }
    expect(counts.size).toBe(128);
    expect(new Set(counts.values())).toEqual(new Set([5]));
    const numbers = [...counts.keys()].map((user) => Number(user.slice(1)));
    expect(Math.min(...numbers)).toBeLessThan(10);
    expect(Math.max(...numbers)).toBeGreaterThan(USERS - 11);
  });

  describe('a snapshot', () => {
    it('gives every row in storage order, in columns, with keys that the dictionaries resolve', async () => {
      const { interactions } = await (await database())();
      const rows = Array.from({ length: 25 }, (_, i) =>
        interaction({
          userId: `u${i % 4}`,
          itemId: `i${i}`,
          type: i % 2 ? 'click' : 'rating',
          value: i % 2 ? null : 4,
          timestamp: i % 5 ? i : null,
        }),
      );
      await interactions.add(rows);
      const { chunks, users, items, types } = await interactions.snapshot(async (source) => ({
        chunks: await collect(source.interactions({ chunkRows: 10 })),
        users: await source.dictionary('users'),
        items: await source.dictionary('items'),
        types: await source.dictionary('types'),
      }));
      expect(chunks.map((chunk) => chunk.length)).toEqual([10, 10, 5]);
      const back = chunks.flatMap((chunk) =>
        Array.from({ length: chunk.length }, (_, i) => ({
          userId: users.get(chunk.userKey[i]!)!,
          itemId: items.get(chunk.itemKey[i]!)!,
          type: types.get(chunk.typeKey[i]!)!,
          value: orNull(chunk.value[i]!),
          timestamp: orNull(chunk.timestamp[i]!),
          eventId: null,
        })),
      );
      expect(back).toEqual(rows);
    });

    it('gives the context of each row where it is asked for', async () => {
      const { interactions } = await (await database())();
      const context = { device: 'phone', page: 2 };
      await interactions.add([interaction({ timestamp: 1, context }), interaction({ timestamp: 2 })]);
      await interactions.snapshot(async (source) => {
        const [chunk] = await collect(source.interactions({ withContext: true }));
        expect(chunk!.context!.map((text) => text && JSON.parse(text))).toEqual([context, null]);
        expect((await collect(source.interactions()))[0]!.context).toBeUndefined();
      });
    });

    it('gives nothing for an empty store', async () => {
      const { interactions } = await (await database())();
      expect(await interactions.snapshot((source) => collect(source.interactions()))).toEqual([]);
      expect(await interactions.snapshot((source) => collect(source.items()))).toEqual([]);
    });

    it('is of one moment, whatever is written meanwhile', async () => {
      const open = await database();
      const [reader, writer] = [await open(), await open()];
      await writer.interactions.add([1, 2, 3, 4].map((timestamp) => interaction({ timestamp })));
      await writer.catalogue.putItems([item('film-1', { labels: ['old'] })]);
      await reader.interactions.snapshot(async (source) => {
        let rows = 0;
        for await (const chunk of source.interactions({ chunkRows: 1 })) {
          rows += chunk.length;
          const row = interaction({ timestamp: 100 + rows, userId: `new-${rows}`, type: 'new' });
          expect(await writer.interactions.add([row])).toEqual(['accepted']);
        }
        expect(rows).toBe(4);
        await writer.deletions.user('ann');
        await writer.catalogue.putItems([item('film-1', { labels: ['new'] }), item('film-2')]);
        expect([...(await source.dictionary('users')).values()]).toEqual(['ann']);
        expect([...(await source.dictionary('types')).values()]).toEqual(['click']);
        expect(await collect(source.items())).toEqual([[item('film-1', { labels: ['old'] })]]);
        expect((await collect(source.interactions())).map((chunk) => chunk.length)).toEqual([4]);
      });
      expect(await reader.interactions.countUpTo(100)).toBe(4);
    });

    it('has the catalogue and the users with features, in pages', async () => {
      const { interactions, catalogue } = await (await database())();
      await interactions.add([interaction({ userId: 'unknown', itemId: 'unknown' })]);
      const items = Array.from({ length: 1_200 }, (_, i) =>
        item(`film-${i}`, { categories: ['Drama'], labels: [`l${i}`], features: { year: 1900 + i } }),
      );
      const users = [{ userId: 'ann', features: { age: 24 } }];
      await catalogue.putItems(items);
      await catalogue.putUsers(users);
      await interactions.snapshot(async (source) => {
        const pages = await collect(source.items());
        expect(pages.length).toBeGreaterThan(1);
        expect(pages.flat()).toEqual(items);
        expect((await collect(source.users())).flat()).toEqual(users);
      });
    });

    it('can be left early', async () => {
      const { interactions } = await (await database())();
      await interactions.add([1, 2, 3].map((timestamp) => interaction({ timestamp })));
      await interactions.snapshot(async (source) => {
        for await (const chunk of source.interactions({ chunkRows: 1 })) {
          expect(chunk.length).toBe(1);
          break;
        }
        expect((await collect(source.interactions({ chunkRows: 2 }))).map((chunk) => chunk.length)).toEqual([
          2, 1,
        ]);
      });
      const thrown = interactions.snapshot(async (source) => {
        for await (const _ of source.interactions({ chunkRows: 1 })) throw new Error('enough');
      });
      await expect(thrown).rejects.toThrow('enough');
      expect(await interactions.add([interaction({ timestamp: 7 })])).toEqual(['accepted']);
    });
  });
}

const orNull = (value: number) => (Number.isNaN(value) ? null : value);

async function collect<T>(parts: AsyncIterable<T>): Promise<T[]> {
  const all: T[] = [];
  for await (const part of parts) all.push(part);
  return all;
}
