import { describe, expect, it } from 'vitest';
import type { InteractionColumns } from '../../src/domain/interaction-source.ts';
import { interaction } from '../helpers/store.ts';
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

    it('goes by the event id alone where there is one', async () => {
      const { interactions } = await (await database())();
      const rows = [
        interaction({ eventId: 'e1' }),
        interaction({ eventId: 'e2' }),
        interaction({ eventId: 'e1', itemId: 'film-9', userId: 'bob' }),
        interaction(),
      ];
      expect(await interactions.add(rows)).toEqual(['accepted', 'accepted', 'duplicate', 'accepted']);
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

  describe('scan', () => {
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
      const chunks = await collect(interactions.scan(10));
      expect(chunks.map((chunk) => chunk.length)).toEqual([10, 10, 5]);
      const users = await interactions.dictionary('users');
      const items = await interactions.dictionary('items');
      const types = await interactions.dictionary('types');
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

    it('gives nothing for an empty store', async () => {
      const { interactions } = await (await database())();
      expect(await collect(interactions.scan())).toEqual([]);
    });

    it('sees one snapshot, whatever is written meanwhile', async () => {
      const open = await database();
      const [reader, writer] = [await open(), await open()];
      await writer.interactions.add([1, 2, 3, 4].map((timestamp) => interaction({ timestamp })));
      let rows = 0;
      for await (const chunk of reader.interactions.scan(1)) {
        rows += chunk.length;
        expect(await writer.interactions.add([interaction({ timestamp: 100 + rows })])).toEqual(['accepted']);
      }
      expect(rows).toBe(4);
      expect(await reader.interactions.countUpTo(100)).toBe(8);
    });

    it('can be left early', async () => {
      const { interactions } = await (await database())();
      await interactions.add([1, 2, 3].map((timestamp) => interaction({ timestamp })));
      for await (const chunk of interactions.scan(1)) {
        expect(chunk.length).toBe(1);
        break;
      }
      expect(await interactions.add([interaction({ timestamp: 7 })])).toEqual(['accepted']);
    });
  });
}

const orNull = (value: number) => (Number.isNaN(value) ? null : value);

async function collect(scan: AsyncIterable<InteractionColumns>): Promise<InteractionColumns[]> {
  const chunks: InteractionColumns[] = [];
  for await (const chunk of scan) chunks.push(chunk);
  return chunks;
}
