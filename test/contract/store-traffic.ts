import { describe, expect, it } from 'vitest';
import { noShadowCounts } from '../../src/domain/traffic/shadow.ts';
import { completeTest } from '../../src/domain/traffic/traffic.ts';
import type { Served } from '../../src/store/registry/contract.ts';
import type { TrafficToSet } from '../../src/store/registry/traffic-contract.ts';
import type { Store } from '../../src/store/store.ts';
import { interaction, newVersion } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

const HOUR_MS = 3_600_000;
const SPLIT: TrafficToSet = {
  shares: { stable: 90, candidate: 10 },
  variants: [{ name: 'candidate', version: 2 }],
  test: completeTest({ metric: 'click-through' }),
  shadow: null,
};
const STAYS = { promoted: false, text: 'candidate is worse' };

async function withVersions(store: Store): Promise<Store> {
  await store.models.publish(newVersion({ jobId: 'a' }), 'stable');
  await store.models.publish(newVersion({ jobId: 'b' }), 'candidate');
  await store.models.publish(newVersion({ jobId: 'c' }), 'other');
  return store;
}

// Long because it is a list of cases.
export function trafficSuite({ database }: StoreUnderTest): void {
  describe('traffic', () => {
    it('comes back as it was set, with the versions that it needs, and is changed only as it was expected', async () => {
      let now = 5000;
      const open = await database(() => now);
      const { traffic } = await withVersions(await open());
      expect(await traffic.get('movies')).toBeNull();
      const shadow = { version: 3, sample: 0.1 };
      const first = (await traffic.put('movies', { ...SPLIT, shadow }, null, 'key-1'))!;
      expect(first).toMatchObject({
        ...{ model: 'movies', experiment: 'default', state: 'running', endings: [] },
        ...SPLIT,
        shadow,
      });
      expect(first.slots.filter((name) => name === 'candidate')).toHaveLength(10);
      const [running] = await (await open()).traffic.running();
      expect(running).toMatchObject({ ...first, epoch: 5000 });
      expect(running!.registered.map(({ version }) => version).sort()).toEqual([2, 3]);
      // The clock stands still, and the state is another one.
      const second = (await traffic.put('movies', SPLIT, first.updatedAt))!;
      expect(second.updatedAt).toBe(first.updatedAt + 1);
      expect(await traffic.put('movies', SPLIT, first.updatedAt)).toBeNull();
      expect(await traffic.put('movies', SPLIT, null)).toBeNull();
      expect(await traffic.remove('movies', first.updatedAt)).toBe(false);
      now = 1;
      expect(await traffic.remove('movies', second.updatedAt)).toBe(true);
      expect([await traffic.get('movies'), await traffic.running()]).toEqual([null, []]);
      expect(await traffic.remove('movies')).toBe(false);
      const third = (await traffic.put('movies', SPLIT, null))!;
      expect(third.updatedAt).toBeGreaterThan(second.updatedAt);
    });

    it('keeps users where they are under one name, and shuffles them under another', async () => {
      const { traffic } = await withVersions(await (await database())());
      const first = (await traffic.put('movies', SPLIT))!;
      const grown = (await traffic.put('movies', { ...SPLIT, shares: { stable: 70, candidate: 30 } }))!;
      const kept = first.slots.flatMap((name, slot) => (name === 'candidate' ? [grown.slots[slot]] : []));
      expect(kept).toEqual(Array(10).fill('candidate'));
      const renamed = (await traffic.put('movies', { ...SPLIT, experiment: 'may' }))!;
      expect(renamed.experiment).toBe('may');
      expect((await traffic.put('movies', SPLIT))!.experiment).toBe('may');
    });

    it('is refused for a version that there is not, and without stable', async () => {
      const store = await withVersions(await (await database())());
      const missing = { ...SPLIT, variants: [{ name: '9', version: 9 }] };
      await expect(store.traffic.put('movies', missing)).rejects.toMatchObject({ code: 'not-found' });
      await store.models.publish(newVersion({ model: 'books', jobId: 'd' }), 'candidate');
      const alone = { ...SPLIT, variants: [{ name: 'candidate', version: 1 }] };
      await expect(store.traffic.put('books', alone)).rejects.toThrow('no alias "stable"');
    });

    it('keeps what it needs from being deleted, until it ends', async () => {
      const { models, traffic } = await withVersions(await (await database())());
      const set = (await traffic.put('movies', { ...SPLIT, shadow: { version: 3, sample: 1 } }))!;
      for (const alias of ['candidate', 'other']) {
        await models.removeAlias('movies', alias, (await models.alias('movies', alias))!);
      }
      const stable = (await models.alias('movies', 'stable'))!;
      await expect(models.removeVersion('movies', 2)).rejects.toThrow('needed by traffic (candidate)');
      await expect(models.removeVersion('movies', 3)).rejects.toThrow('needed by traffic (shadow)');
      await expect(models.removeAlias('movies', 'stable', stable)).rejects.toThrow('needed by traffic');
      await expect(models.removeModel('movies')).rejects.toThrow('traffic');
      expect(await models.retain('movies', 1)).toEqual([]);
      await traffic.end(set, { kind: 'undecided', variant: null, version: null, ...STAYS });
      expect(await models.removeVersion('movies', 2)).toBe(true);
      await models.removeAlias('movies', 'stable', stable);
      expect(await models.removeModel('movies')).toBe(2);
      expect(await traffic.get('movies')).toBeNull();
    });
  });

  describe('the end of an experiment', () => {
    it('promotes once, whoever else wants to, and stands in the history of stable', async () => {
      const open = await database();
      const { traffic, models, notices, audit } = await withVersions(await open());
      const set = (await traffic.put('movies', SPLIT))!;
      const won = {
        kind: 'better',
        variant: 'candidate',
        version: 2,
        promoted: true,
        text: 'it won',
      } as const;
      const other = (await open()).traffic;
      const ends = await Promise.all([traffic.end(set, won), other.end(set, won)]);
      expect(ends.filter(Boolean)).toHaveLength(1);
      expect(await models.resolve('movies', 'stable')).toMatchObject({ version: 2 });
      const [move] = await models.history('movies', 'stable', 5);
      expect(move).toMatchObject({ version: 2, action: 'promoted', reason: 'it won' });
      expect((await models.before('movies', 'stable')).map(({ version }) => version)).toEqual([1]);
      expect(await traffic.get('movies')).toMatchObject({ state: 'ended', endings: [won] });
      expect(await traffic.running()).toEqual([]);
      expect((await audit.list({ action: 'experiment: alias promoted' }, 5)).rows).toMatchObject([
        { keyId: null, status: null, targets: { name: 'movies', alias: 'stable', version: '2' } },
      ]);
      const { rows } = await notices.list({ model: 'movies' }, 2);
      // Both are of one moment.
      const sorted = rows.toSorted((a, b) => a.kind.localeCompare(b.kind));
      expect(sorted.map(({ kind, version, data }) => ({ kind, version, data }))).toEqual([
        {
          ...{ kind: 'traffic.ended', version: 2 },
          data: expect.objectContaining({ experiment: 'default', outcome: 'better', promoted: true }),
        },
        { kind: 'version.promoted', version: 2, data: { alias: 'stable', from: 1, reason: 'it won' } },
      ]);
    });

    it('stops what harms: its users go back to stable, the others stay and their counts go on', async () => {
      const { traffic, models } = await withVersions(await (await database())());
      const before = await models.alias('movies', 'stable');
      const set = (await traffic.put('movies', {
        ...SPLIT,
        shares: { stable: 80, candidate: 10, '3': 10 },
        variants: [...SPLIT.variants, { name: '3', version: 3 }],
      }))!;
      expect(await traffic.end(set, { kind: 'worse', variant: 'candidate', version: 2, ...STAYS })).toBe(
        true,
      );
      const after = (await traffic.get('movies'))!;
      expect(after).toMatchObject({ state: 'running', shares: { stable: 90, '3': 10 }, epoch: set.epoch });
      expect(after.slots).toEqual(set.slots.map((name) => (name === 'candidate' ? 'stable' : name)));
      expect(await models.alias('movies', 'stable')).toEqual(before);
      const [kept] = await models.history('movies', 'stable', 1);
      expect(kept).toMatchObject({ version: 1, action: 'kept', reason: 'candidate is worse' });
      expect(await traffic.end(after, { kind: 'worse', variant: '3', version: 3, ...STAYS })).toBe(true);
      expect(await traffic.get('movies')).toMatchObject({ state: 'ended', endings: [{}, { variant: '3' }] });
    });

    it('does not come over a change that was not seen', async () => {
      let now = 5000;
      const { traffic, models } = await withVersions(await (await database(() => now))());
      const ending = { kind: 'undecided', variant: null, version: null, ...STAYS } as const;
      const set = (await traffic.put('movies', SPLIT))!;
      now = 9000;
      await models.setAlias('movies', 'stable', 3);
      expect(await traffic.end(set, ending)).toBe(false);
      const moved = (await traffic.get('movies'))!;
      expect([moved.updatedAt, moved.epoch]).toEqual([set.updatedAt, 9000]);
      await traffic.put('movies', SPLIT);
      expect(await traffic.end(moved, ending)).toBe(false);
    });
  });

  describe('users of an experiment', () => {
    const shown = (id: string, userId: string, at: number, more: Partial<Served> = {}): Served => ({
      ...{ id, model: 'movies', version: 1, at, items: ['a', 'b'], userId, variant: 'stable' },
      counted: { epoch: 10, windowMs: HOUR_MS },
      ...more,
    });
    const click = (recommendationId: string, more = {}) => ({
      ...{ recommendationId, itemId: 'a', type: 'click' },
      ...more,
    });
    const observed = (store: Store, at: number) => store.traffic.observed({ model: 'movies', epoch: 10 }, at);

    it('are counted once each, under the variant that answered first, when their time is over', async () => {
      let now = 100;
      const store = await (await database(() => now))();
      const other = { variant: 'candidate', version: 2 };
      await store.served.record(
        [
          ...[shown('1', 'ann', 20), shown('2', 'ann', 30), shown('2', 'ann', 30)],
          ...[shown('3', 'ann', 40, other), shown('4', 'bob', 50, other)],
          // After the hour of ann.
          shown('5', 'ann', 20 + HOUR_MS),
          // Not of the experiment, and of nobody.
          ...[shown('6', 'eve', 60, { counted: undefined }), shown('7', 'eve', 60, { userId: null })],
        ],
        100,
      );
      const buy = { type: 'purchase', isConversion: true, value: 8 };
      await store.served.click([
        ...[click('1'), click('1'), click('1', { itemId: 'b' }), click('1', { itemId: 'z' })],
        ...[click('3'), click('4', buy), click('4', { ...buy, itemId: 'b', value: 2 })],
      ]);
      expect(await observed(store, 19 + HOUR_MS)).toEqual({});
      const none = { users: 1, sum: 0, squares: 0 };
      expect(await observed(store, 20 + HOUR_MS)).toEqual({
        stable: {
          'click-through': { users: 1, sum: 0.5, squares: 0.25 },
          conversions: none,
          revenue: none,
          served: 2,
        },
      });
      now = 50 + HOUR_MS;
      // Too late.
      await store.served.click([click('4', { itemId: 'b' })]);
      expect((await observed(store, now)).candidate).toEqual({
        'click-through': { users: 1, sum: 1, squares: 1 },
        conversions: { users: 1, sum: 1, squares: 1 },
        revenue: { users: 1, sum: 10, squares: 100 },
        served: 1,
      });
    });

    it('begin anew with the comparison, and what comes late of the one before does not count', async () => {
      const store = await (await database(() => 100))();
      const later = { epoch: 90, windowMs: 5 };
      await store.served.record([shown('1', 'ann', 20), shown('2', 'ann', 95, { counted: later })], 100);
      await store.served.record([shown('3', 'ann', 96)], 100);
      await store.served.click([click('1')]);
      expect(await observed(store, 1e12)).toEqual({});
      const counts = await store.traffic.observed({ model: 'movies', epoch: 90 }, 1e12);
      expect(counts.stable).toMatchObject({ served: 1, 'click-through': { users: 1, sum: 0 } });
    });

    it('are erased with all that was counted of them', async () => {
      const store = await (await database(() => 100))();
      await store.interactions.add([interaction({ userId: 'ann' }), interaction({ userId: 'bob' })]);
      await store.served.record([shown('1', 'ann', 20), shown('2', 'bob', 20)], 100);
      await store.served.click([click('1'), click('2')]);
      await store.deletions.user('ann');
      expect((await observed(store, 1e12)).stable).toMatchObject({ served: 1 });
      const [online] = await store.served.online('movies', 0);
      expect(online).toMatchObject({ variant: 'stable', served: 1, clicked: 1 });
      expect(online!.clusters).toHaveLength(1);
    });
  });

  it('adds up what was counted of a shadow, until the traffic is set anew', async () => {
    const store = await withVersions(await (await database())());
    const counts = { ...noShadowCounts(), asked: 2, overlap: 1.5, own: { sum: 30, buckets: [1, 1] } };
    await store.traffic.addShadow('movies', 3, 1, counts);
    await store.traffic.addShadow('movies', 3, 1, { ...counts, dropped: 4 });
    await store.traffic.addShadow('movies', 3, 2, counts);
    const [newer, older] = await store.traffic.shadows('movies');
    expect(newer).toEqual({ version: 3, liveVersion: 2, counts });
    expect(older!.counts).toMatchObject({
      asked: 4,
      dropped: 4,
      overlap: 3,
      own: { sum: 60, buckets: [2, 2] },
    });
    await store.traffic.put('movies', SPLIT);
    expect(await store.traffic.shadows('movies')).toEqual([]);
  });
}
