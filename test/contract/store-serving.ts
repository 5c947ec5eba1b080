import { describe, expect, it } from 'vitest';
import type { StoredRule } from '../../src/domain/answers/rule.ts';
import { newVersion } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

const rule = (id: string, createdAt: number): StoredRule => ({
  id,
  action: 'boost',
  items: ['a', 'ü/1'],
  categories: [],
  model: 'movies',
  position: null,
  amount: -0.5,
  from: null,
  until: 2_000_000_000_000,
  createdAt,
});

export function servingSuite({ database }: StoreUnderTest): void {
  it('keeps one policy for each model', async () => {
    let now = 7;
    const { policies } = await (await database(() => now))();
    expect(await policies.list()).toEqual([]);
    await policies.put('movies', { seenTypes: ['収蔵'], maxImpressions: 3, rotationDays: 2 });
    now = 8;
    const stored = { model: 'movies', seenTypes: ['purchase'], updatedAt: 8 };
    expect(await policies.put('movies', { seenTypes: ['purchase'] })).toEqual(stored);
    await policies.put('books', {});
    expect(await policies.list()).toEqual([{ model: 'books', updatedAt: 8 }, stored]);
    expect([await policies.remove('books'), await policies.remove('books')]).toEqual([true, false]);
  });

  describe('aliases', () => {
    it('are set only over the state that the caller expects', async () => {
      let now = 5000;
      const { models } = await (await database(() => now))();
      await models.publish(newVersion({ jobId: 'a' }), 'stable');
      await models.publish(newVersion({ jobId: 'b' }), 'stable');
      const first = await models.alias('movies', 'stable');
      expect(first).toEqual({ version: 2, updatedAt: 5001 });
      expect(await models.setAlias('movies', 'stable', 1, first)).toBe(true);
      expect(await models.setAlias('movies', 'stable', 2, first)).toBe(false);
      expect(await models.setAlias('movies', 'trial', 2, null)).toBe(true);
      expect(await models.setAlias('movies', 'trial', 1, null)).toBe(false);
      expect((await models.aliases('movies')).map(({ alias, version }) => [alias, version])).toEqual([
        ['stable', 1],
        ['trial', 2],
      ]);
      expect(await models.aliases('books')).toEqual([]);
      // Back at the version of before, at the same moment by the clock: still not the same state.
      now = 1;
      await models.setAlias('movies', 'stable', 2);
      expect(await models.setAlias('movies', 'stable', 1, first)).toBe(false);
      expect((await models.aliased('stable')).map(({ version }) => version)).toEqual([2]);
      expect(await models.alias('movies', 'none')).toBeNull();
    });

    it('gives each state of an alias a time of its own, although the clock stands still', async () => {
      const { models } = await (await database(() => 77))();
      const states: string[] = [];
      const note = async () => states.push(JSON.stringify(await models.alias('movies', 'stable')));
      for (const jobId of ['a', 'b']) {
        await models.publish(newVersion({ jobId }), 'stable');
        await note();
        for (const version of [1, 1]) {
          await models.setAlias('movies', 'stable', version);
          await note();
        }
      }
      expect(new Set(states).size).toBe(6);
    });
  });

  describe('rules', () => {
    it('come back as they were, the oldest first, up to a limit', async () => {
      const { rules } = await (await database())();
      await rules.add(rule('r2', 2), 2);
      await rules.add(rule('r1', 1), 2);
      expect(await rules.list()).toEqual([rule('r1', 1), rule('r2', 2)]);
      await expect(rules.add(rule('r3', 3), 2)).rejects.toMatchObject({ code: 'conflict' });
      expect(await rules.get('r2')).toEqual(rule('r2', 2));
      expect(await rules.remove('r2')).toBe(true);
      expect(await rules.remove('r2')).toBe(false);
      expect(await rules.get('r2')).toBeNull();
    });
  });

  describe('served recommendations', () => {
    const served = (id: string, at: number, more = {}) => ({
      id,
      model: 'movies',
      version: 1,
      at,
      items: ['a', 'b'],
      ...more,
    });
    const click = (recommendationId: string, itemId: string) => ({ recommendationId, itemId, type: 'click' });

    it('are counted by version with their clicks, each once', async () => {
      const store = await (await database())();
      await store.served.record([served('1', 10), served('2', 20, { version: 2 }), served('3', 30)], 100);
      await store.served.click([
        click('1', 'a'),
        click('1', 'a'),
        click('1', 'b'),
        click('2', 'z'),
        click('9', 'a'),
      ]);
      const none = { clicked: 0, conversions: 0, revenue: 0 };
      const rest = { variant: null, conversions: 0, revenue: 0 };
      expect(await store.served.online('movies', 0)).toEqual([
        {
          ...rest,
          version: 2,
          served: 1,
          clicked: 0,
          itemsShown: 2,
          itemsClicked: 0,
          clusters: [{ ...none, served: 1 }],
        },
        {
          ...{ ...rest, version: 1, served: 2, clicked: 1, itemsShown: 4, itemsClicked: 2 },
          clusters: [
            { ...none, served: 1, clicked: 1 },
            { ...none, served: 1 },
          ],
        },
      ]);
      expect((await store.served.online('movies', 25)).map(({ served: count }) => count)).toEqual([1]);
      expect(await store.served.online('books', 0)).toEqual([]);
    });

    it('are counted by day, as users click on what was served on it', async () => {
      const store = await (await database())();
      const [day, hour] = [86_400_000, 3_600_000];
      await store.served.record(
        [served('1', 2 * day - hour), served('2', 2 * day), served('3', 2 * day + hour, { version: 2 })],
        100,
      );
      await store.served.click([click('1', 'a')]);
      const counts = async (since: number) =>
        (await store.served.onlineByDay('movies', since)).map((one) => [
          one.day,
          one.versions.map(({ version, served: shown, clicked }) => [version, shown, clicked]),
        ]);
      expect(await counts(0)).toEqual([
        ['1970-01-02', [[1, 1, 1]]],
        [
          '1970-01-03',
          [
            [2, 1, 0],
            [1, 1, 0],
          ],
        ],
      ]);
      expect(await counts(2 * day + 1)).toEqual([['1970-01-03', [[2, 1, 0]]]]);
      expect(await store.served.onlineByDay('books', 0)).toEqual([]);
    });

    it('are bounded: the newest stay', async () => {
      const store = await (await database())();
      await store.served.record(
        Array.from({ length: 10 }, (_, i) => served(`${i}`, i)),
        4,
      );
      expect((await store.served.online('movies', 0))[0]!.served).toBe(4);
    });
  });
}
