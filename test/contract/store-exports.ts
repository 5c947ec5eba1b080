import { describe, expect, it } from 'vitest';
import type { ExportFilter, InteractionPosition } from '../../src/store/data/contract.ts';
import { interaction, item } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

export function exportsSuite({ database }: StoreUnderTest): void {
  describe('exports', () => {
    it('give interactions in the order of storage, page by page, up to where the export began', async () => {
      const { exports, interactions } = await (await database())();
      const rows = ['a', 'b', 'c'].map((itemId, i) => interaction({ itemId, timestamp: 3000 - i }));
      await interactions.add(rows);
      const until = await exports.newestInteraction();
      await interactions.add([interaction({ itemId: 'later' })]);

      const first = await exports.interactions(undefined, until, 2, {});
      expect(first.rows).toEqual(rows.slice(0, 2));
      const second = await exports.interactions(first.next!, until, 2, {});
      expect(second).toEqual({ rows: rows.slice(2), next: null });
    });

    it('leave out what the filter does, and go on behind a page of nothing', async () => {
      const { exports, interactions } = await (await database())();
      const buy = interaction({ itemId: 'c', type: 'buy', timestamp: 2000 });
      await interactions.add([
        interaction({ itemId: 'a', timestamp: 1000 }),
        interaction({ itemId: 'b', timestamp: null }),
        buy,
      ]);
      const until = await exports.newestInteraction();
      const read = (filter: object) => exports.interactions(undefined, until, 10, filter);
      expect((await read({ type: 'buy' })).rows).toEqual([buy]);
      expect((await read({ since: 2000 })).rows).toEqual([buy]);
      expect((await read({ until: 2000 })).rows.map((row) => row.itemId)).toEqual(['a']);

      const empty = await exports.interactions(undefined, until, 2, { type: 'buy' });
      expect(empty.rows).toEqual([]);
      expect((await exports.interactions(empty.next!, until, 2, { type: 'buy' })).rows).toEqual([buy]);
    });

    it('give what came since a time in the order of time, once each, however many have the same', async () => {
      const { exports, interactions } = await (await database())();
      const rows = Array.from({ length: 40 }, (_, i) =>
        interaction({ itemId: `film-${i}`, timestamp: [5000, 3000, 3000, null, 1000][i % 5]! }),
      );
      await interactions.add(rows);
      const newest = await exports.newestInteraction();
      await interactions.add([interaction({ itemId: 'later', timestamp: 4000 })]);
      const walk = async (filter: ExportFilter, limit: number) => {
        const found: string[] = [];
        let after: InteractionPosition | null | undefined;
        do {
          const page = await exports.interactions(after ?? undefined, newest, limit, filter);
          found.push(...page.rows.map(({ itemId }) => itemId));
          after = page.next;
        } while (after !== null);
        return found;
      };
      const at = (...times: number[]) =>
        times.flatMap((time) =>
          rows.filter(({ timestamp }) => timestamp === time).map(({ itemId }) => itemId),
        );
      for (const limit of [3, 7, 8, 100]) {
        expect(await walk({ since: 1001 }, limit)).toEqual(at(3000, 5000));
        expect(await walk({ until: 5000 }, limit)).toEqual(at(1000, 3000));
        expect(await walk({ since: 3000, until: 3001 }, limit)).toEqual(at(3000));
      }
    });

    it('give the items and users that were sent, not those that interactions speak of', async () => {
      const { exports, interactions, catalogue } = await (await database())();
      await interactions.add([interaction({ userId: 'ann', itemId: 'a' })]);
      await catalogue.putItems([item('a', { title: 'A' }), item('b')]);
      await catalogue.putUsers([{ userId: 'bob', features: { age: 24 } }]);
      expect(await exports.items(undefined, 10)).toEqual({
        rows: [item('a', { title: 'A' }), item('b')],
        next: null,
      });
      expect((await exports.users(undefined, 10)).rows).toEqual([{ userId: 'bob', features: { age: 24 } }]);
      expect(await catalogue.counts()).toEqual({ items: 2, itemsWithoutInteractions: 1, users: 1 });
    });

    it('are empty on an empty database', async () => {
      const { exports, catalogue } = await (await database())();
      expect(await exports.newestInteraction()).toBe(0);
      expect(await exports.interactions(undefined, 0, 10, {})).toEqual({ rows: [], next: null });
      expect(await catalogue.counts()).toEqual({ items: 0, itemsWithoutInteractions: 0, users: 0 });
    });
  });
}
