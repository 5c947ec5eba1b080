import { describe, expect, it } from 'vitest';
import { interaction } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

const TOPIC = { group: 'shop', topic: 'events', topicId: 'one' };
const reject = (message: number, userId: string | null = null, text = `{"n":${message}}`) => ({
  ...{ partition: 0, message, row: 0, reason: 'type is missing', text, userId },
});

export function consumedSuite({ database }: StoreUnderTest): void {
  describe('what is read from topics', () => {
    it('is stored with the positions, in one transaction', async () => {
      const { consumed, interactions } = await (await database())();
      await consumed.begin(TOPIC, [
        { partition: 0, next: 0 },
        { partition: 1, next: 40 },
      ]);
      // Another member that is later must not move it back.
      await consumed.begin(TOPIC, [{ partition: 1, next: 0 }]);
      const rows = [
        interaction({ eventId: 'a' }),
        interaction({ eventId: 'b' }),
        interaction({ eventId: 'a' }),
      ];
      const parts = [
        { partition: 0, from: 0, next: 3 },
        { partition: 1, from: 40, next: 50 },
      ];
      const outcomes = await consumed.store({ ...TOPIC, parts, rows, rejects: [reject(2)] });
      expect(outcomes).toEqual(['accepted', 'accepted', 'duplicate']);
      expect(await consumed.positions('shop', 'events')).toEqual([
        { partition: 0, topicId: 'one', next: 3 },
        { partition: 1, topicId: 'one', next: 50 },
      ]);
      expect(await consumed.positions('other', 'events')).toEqual([]);
      expect(await interactions.countUpTo(10)).toBe(2);
      expect(await consumed.rejects('shop', 'events', 5)).toEqual([{ ...reject(2), at: expect.any(Number) }]);
    });

    it.each([
      ['another consumer has read on', { parts: [{ partition: 0, from: 3, next: 9 }] }],
      ['another consumer is behind', { parts: [{ partition: 0, from: 7, next: 9 }] }],
      [
        'only one of two positions is right',
        { parts: [0, 1].map((partition) => ({ partition, from: 5, next: 9 })) },
      ],
      ['nobody has begun', { group: 'nobody', parts: [{ partition: 0, from: 5, next: 9 }] }],
      ['the topic was made anew', { topicId: 'two', parts: [{ partition: 0, from: 5, next: 9 }] }],
    ])('is not stored at all where %s', async (_why, batch) => {
      const { consumed, interactions } = await (await database())();
      await consumed.begin(TOPIC, [
        { partition: 0, next: 5 },
        { partition: 1, next: 6 },
      ]);
      const rows = [interaction()];
      expect(await consumed.store({ ...TOPIC, rows, rejects: [reject(6)], ...batch })).toBeNull();
      expect((await consumed.positions('shop', 'events')).map(({ next }) => next)).toEqual([5, 6]);
      expect(await interactions.countUpTo(10)).toBe(0);
      expect(await consumed.rejects('shop', 'events', 5)).toEqual([]);
    });

    it('two members that store from one position at a time store it once', async () => {
      const open = await database();
      const [first, second] = [await open(), await open()];
      await first.consumed.begin(TOPIC, [{ partition: 0, next: 0 }]);
      const batch = { ...TOPIC, parts: [{ partition: 0, from: 0, next: 1 }], rejects: [] };
      const row = interaction({ timestamp: 5, received: true });
      const both = await Promise.all(
        [first, second].map(({ consumed }) => consumed.store({ ...batch, rows: [row] })),
      );
      expect(both.filter((outcomes) => outcomes === null)).toHaveLength(1);
      expect(await first.interactions.countUpTo(10)).toBe(1);
    });

    it('forgets positions where that is asked for, and rejects that are old, too many, or of somebody who is erased', async () => {
      let now = 1_000;
      const { consumed, deletions } = await (await database(() => now))();
      await consumed.begin(TOPIC, [{ partition: 0, next: 0 }]);
      for (let n = 0; n < 6; n++) {
        now += 1_000;
        const parts = [{ partition: 0, from: n, next: n + 1 }];
        const text = n === 5 ? '{"userId":"\\u0061nn"' : undefined;
        await consumed.store({
          ...TOPIC,
          parts,
          rows: [],
          rejects: [reject(n, n === 4 ? 'ann' : null, text)],
        });
      }
      const left = async () => (await consumed.rejects('shop', 'events', 9)).map(({ message }) => message);
      expect(await deletions.user('ann')).toMatchObject({ rejects: 2 });
      expect(await left()).toEqual([3, 2, 1, 0]);
      expect(await consumed.sweep(3_000, 100)).toBe(1);
      expect(await left()).toEqual([3, 2, 1]);
      expect(await consumed.sweep(0, 2)).toBe(1);
      expect(await left()).toEqual([3, 2]);
      expect(await consumed.reset('other', 'events')).toBe(0);
      expect(await consumed.reset('shop', 'events')).toBe(1);
      expect(await consumed.positions('shop', 'events')).toEqual([]);
    });
  });
}
