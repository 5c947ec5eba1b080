import { describe, expect, it } from 'vitest';
import type { GateVerdict, RuleOutcome } from '../../src/domain/releases/promotion.ts';
import type { Release } from '../../src/store/registry/contract.ts';
import { distillationJob, newVersion } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

const rule = (passed: boolean): RuleOutcome => ({
  rule: 'baseline',
  value: passed ? 1 : -1,
  limit: 0,
  passed,
  decided: 'interval',
  text: 'Against popularity.',
});
const verdict = (passed: boolean, more: Partial<GateVerdict> = {}): GateVerdict => ({
  comparedWith: null,
  foundUnder: null,
  rules: [rule(passed)],
  merit: 0.3,
  ...more,
});
const live = (version: number) => ({ comparedWith: version, foundUnder: 'stable' });
const GATED: Release = { alias: 'stable', isOff: false, keyId: 'key-1' };

export function releasesSuite({ database }: StoreUnderTest): void {
  const open = async () => (await (await database())()).models;
  /** Versions 1 to `count`, each of which was stable. */
  const withVersions = async (count: number) => {
    const store = await (await database())();
    for (let i = 1; i <= count; i++) {
      await store.models.publish(
        newVersion({ jobId: `job-${i}`, artifact: `models/movies/job-${i}` }),
        'stable',
      );
    }
    return store;
  };

  describe('releases', () => {
    it('promotes what passes its gate and keeps what does not as the candidate', async () => {
      const models = await open();
      const first = await models.publish(newVersion({ jobId: 'a', gate: verdict(true) }), GATED);
      expect(first).toMatchObject({
        aliases: ['candidate', 'stable'],
        promotion: { promoted: true, alias: 'stable', gate: 'on', comparedWith: null, rules: [rule(true)] },
      });
      const refused = await models.publish(newVersion({ jobId: 'b', gate: verdict(false, live(1)) }), GATED);
      expect(refused).toMatchObject({
        version: 2,
        aliases: ['candidate'],
        promotion: { promoted: false, comparedWith: 1, rules: [{ passed: false }] },
      });
      expect((await models.resolve('movies', 'stable'))?.version).toBe(1);
      expect(await models.publish(newVersion({ jobId: 'b', gate: verdict(true, live(1)) }), GATED)).toEqual(
        refused,
      );
      const off = await models.publish(newVersion({ jobId: 'c', gate: verdict(false, live(1)) }), {
        ...GATED,
        isOff: true,
      });
      expect(off).toMatchObject({
        aliases: ['stable'],
        promotion: { promoted: true, gate: 'off', rules: [] },
      });
    });

    it('does not promote against a version that is no longer live', async () => {
      const { models } = await withVersions(2);
      const stale = await models.publish(newVersion({ jobId: 'late', gate: verdict(true, live(1)) }), GATED);
      expect(stale.promotion).toMatchObject({
        promoted: false,
        rules: [{ rule: 'baseline' }, { rule: 'unmoved', passed: false, value: 2, limit: 1 }],
      });
      expect(stale.aliases).toEqual(['candidate']);
    });

    it('chooses among the students of one request whenever another one comes', async () => {
      const models = await open();
      const student = (place: number, merit: number, bytes: number, passed = true) =>
        models.publish(newVersion({ jobId: `s-${place}`, bytes, gate: verdict(passed, { merit }) }), {
          ...GATED,
          contest: { of: 's-1', place, choose: 'smallest', margin: 0.02 },
        });
      expect((await student(1, 0.3, 4000)).promotion).toMatchObject({ promoted: true, place: 1 });
      expect((await student(2, 0.2, 1000)).aliases).toEqual(['candidate', 'stable-2']);
      expect((await student(3, 0.297, 2000)).aliases).toEqual(['candidate', 'stable', 'stable-3']);
      expect((await student(4, 0.9, 1, false)).promotion).toMatchObject({ promoted: false });
      const versions = await models.versions('movies');
      expect(versions.map(({ version, promotion }) => [version, promotion?.promoted])).toEqual([
        [4, false],
        [3, true],
        [2, false],
        [1, false],
      ]);
      expect(versions.at(-1)?.promotion?.rules.at(-1)?.text).toContain('version 3 takes the alias');
      const moves = await models.history('movies', 'stable', 10);
      expect(moves.map(({ version, jobId }) => [version, jobId])).toEqual([
        [3, 's-3'],
        [1, 's-1'],
      ]);
    });
  });

  it('knows the versions of one request, and chooses the knee of them', async () => {
    const models = await open();
    const student = (place: number, merit: number, bytes: number) =>
      models.publish(newVersion({ jobId: `k-${place}`, bytes, gate: verdict(true, { merit }) }), {
        ...GATED,
        contest: { of: 'k-1', place, choose: 'knee', margin: 0.02 },
      });
    await models.publish(newVersion({ jobId: 'other' }), 'stable');
    for (const [i, [merit, bytes]] of [
      [0.3, 1000],
      [0.1, 100],
      [0.26, 190],
    ].entries()) {
      await student(i + 1, merit!, bytes!);
    }
    const versions = await models.contestants('k-1');
    expect(versions.map(({ jobId }) => jobId)).toEqual(['k-1', 'k-2', 'k-3']);
    expect(await models.contestants('other')).toEqual([]);
  });

  describe('the history of an alias', () => {
    it('tells who moved it, when and why', async () => {
      const { models } = await withVersions(1);
      await models.publish(newVersion({ jobId: 'b', gate: verdict(true, live(1)) }), GATED);
      const before = (await models.alias('movies', 'stable'))!;
      expect(
        await models.setAlias('movies', 'stable', 1, before, {
          action: 'rolled-back',
          keyId: 'ann',
          reason: 'worse',
        }),
      ).toBe(true);
      const gone = (await models.alias('movies', 'stable'))!;
      expect(await models.removeAlias('movies', 'stable', before)).toBe(false);
      expect(await models.removeAlias('movies', 'stable', gone, { keyId: 'bob', reason: 'closed' })).toBe(
        true,
      );
      expect(await models.alias('movies', 'stable')).toBeNull();
      const moves = await models.history('movies', 'stable', 10);
      expect(
        moves.map(({ seq, version, action, keyId, jobId, reason }) => [
          seq,
          version,
          action,
          keyId,
          jobId,
          reason,
        ]),
      ).toEqual([
        [4, null, 'removed', 'bob', null, 'closed'],
        [3, 1, 'rolled-back', 'ann', null, 'worse'],
        [2, 2, 'published', 'key-1', 'b', null],
        [1, 1, 'published', null, 'job-1', null],
      ]);
      const times = moves.map(({ at }) => Date.parse(at));
      expect(times).toEqual(times.toSorted((a, b) => b - a));
      expect(new Set(times).size).toBe(4);
      expect((await models.history('movies', 'stable', 1, 3)).map(({ seq }) => seq)).toEqual([2]);
      // An alias that comes back is never what it was.
      await models.setAlias('movies', 'stable', 1);
      expect((await models.alias('movies', 'stable'))!.updatedAt).toBeGreaterThan(times[0]!);
    });

    it('tells the newest version of each model that has none behind it', async () => {
      const { models } = await withVersions(2);
      await models.publish(newVersion({ jobId: 'b1', model: 'books' }), 'trial');
      await models.publish(newVersion({ jobId: 'b2', model: 'books' }), 'trial');
      expect(await models.unaliased('stable')).toMatchObject([
        { model: 'books', version: 2, aliases: ['trial'] },
      ]);
      await models.removeAlias('movies', 'stable', (await models.alias('movies', 'stable'))!);
      await models.removeVersion('movies', 2);
      expect((await models.unaliased('stable')).map(({ model, version }) => [model, version])).toEqual([
        ['books', 2],
        ['movies', 1],
      ]);
    });

    it('tells the versions before the present one, as far as they are there', async () => {
      const { models } = await withVersions(4);
      expect(await models.removeVersion('movies', 2)).toBe(true);
      expect((await models.before('movies', 'stable')).map(({ version }) => version)).toEqual([3, 1]);
      expect(await models.before('movies', 'other')).toEqual([]);
    });
  });

  describe('versions', () => {
    it('carry tags, a note, and where they come from', async () => {
      const { models } = await withVersions(1);
      const taughtBy = [{ model: 'movies', version: 1 }];
      await models.publish(newVersion({ jobId: 'heir', model: 'books', taughtBy }), 'stable');
      await models.publish(
        newVersion({ jobId: 'no', model: 'books', taughtBy: [{ model: 'movies', version: 11 }] }),
        'x',
      );
      expect(await models.taught('movies', 1)).toEqual([{ model: 'books', version: 1 }]);
      expect((await models.get('books', 1))?.taughtBy).toEqual(taughtBy);
      expect(await models.annotate('movies', 1, { tags: ['b', 'a', 'b'], note: 'good' })).toMatchObject({
        tags: ['a', 'b'],
        note: 'good',
      });
      expect(await models.annotate('movies', 1, { note: null })).not.toHaveProperty('note');
      expect((await models.get('movies', 1))?.tags).toEqual(['a', 'b']);
      expect(await models.annotate('movies', 7, { note: 'x' })).toBeNull();
      await models.publish(newVersion({ jobId: 'next', gate: verdict(true, live(1)) }), GATED);
      expect(await models.successors('movies', 1)).toEqual([2]);
    });

    it('are deleted unless something needs them, and their numbers are not used again', async () => {
      const store = await withVersions(4);
      const { models } = store;
      await expect(models.removeVersion('movies', 4)).rejects.toMatchObject({
        code: 'conflict',
        extra: { neededBy: ['alias stable'] },
      });
      const teacher = { model: 'movies', version: 2 };
      await store.jobs.create({
        ...distillationJob('learner', 'books'),
        spec: { model: 'books', teacher } as never,
      });
      await expect(models.removeVersion('movies', 2)).rejects.toMatchObject({
        extra: { neededBy: ['job learner'] },
      });
      expect(await models.removeVersion('movies', 3)).toBe(true);
      expect(await models.removeVersion('movies', 3)).toBe(false);
      expect(await models.get('movies', 3)).toBeNull();
      expect((await models.versions('movies')).map(({ version }) => version)).toEqual([4, 2, 1]);
      await expect(models.setAlias('movies', 'stable', 3)).rejects.toMatchObject({ code: 'not-found' });
      await expect(models.removeModel('movies')).rejects.toMatchObject({ code: 'conflict' });
      await models.removeAlias('movies', 'stable', (await models.alias('movies', 'stable'))!);
      await store.jobs.transition('learner', ['queued'], 'cancelled');
      expect(await models.removeModel('movies')).toBe(3);
      expect(await models.removeModel('movies')).toBe(0);
      expect(await models.names()).toEqual([]);
      expect((await models.publish(newVersion({ jobId: 'again' }), 'stable')).version).toBe(5);
    });

    it('are collected when nobody can be reading them any more', async () => {
      let now = 1000;
      const store = await (await database(() => now))();
      for (const jobId of ['a', 'b']) {
        await store.models.publish(newVersion({ jobId, artifact: `models/movies/${jobId}` }), 'stable');
      }
      await store.jobs.create(distillationJob('reader'));
      await store.jobs.claim('reader', 'queued', {});
      now = 2000;
      await store.models.removeVersion('movies', 1);
      expect(await store.models.collectable(10)).toEqual([]);
      await store.jobs.transition('reader', ['running'], 'cancelling');
      expect(await store.models.collectable(10)).toEqual([]);
      await store.jobs.transition('reader', ['cancelling'], 'cancelled');
      const found = await store.models.collectable(10);
      expect(found).toEqual([{ model: 'movies', version: 1, artifact: 'models/movies/a' }]);
      await store.models.collected(found);
      expect(await store.models.collectable(10)).toEqual([]);
    });

    it('that are old are deleted, but for those that are wanted', async () => {
      const { models } = await withVersions(8);
      await models.annotate('movies', 2, { tags: ['audited'] });
      await models.setAlias('movies', 'trial', 4);
      expect(await models.keeps('movies')).toBeNull();
      await models.setKeeps('movies', 1);
      expect(await models.keeps('movies')).toBe(1);
      // 8 is live and the newest, 7 was live before, 4 has an alias, 2 a tag.
      expect(await models.retain('movies', 1)).toEqual([6, 5, 3, 1]);
      expect((await models.versions('movies')).map(({ version }) => version)).toEqual([8, 7, 4, 2]);
      expect(await models.retain('movies', 10)).toEqual([]);
    });

    it('that a removed alias had are kept for a day', async () => {
      let now = 1000;
      const { models } = await (await database(() => now))();
      for (const jobId of ['a', 'b', 'c', 'd']) await models.publish(newVersion({ jobId }), 'stable');
      await models.setAlias('movies', 'stable', 2);
      await models.removeAlias('movies', 'stable', (await models.alias('movies', 'stable'))!);
      now += 23 * 3_600_000;
      expect(await models.retain('movies', 1)).toEqual([3, 1]);
      now += 2 * 3_600_000;
      expect(await models.retain('movies', 1)).toEqual([2]);
    });

    it('take settings and serving policy of their model along when all are deleted', async () => {
      const { models, policies } = await withVersions(1);
      await models.setKeeps('movies', 1);
      for (const model of ['movies', 'books']) await policies.put(model, { maxImpressions: 3 });
      await models.removeAlias('movies', 'stable', (await models.alias('movies', 'stable'))!);
      expect(await models.removeModel('movies')).toBe(1);
      expect(await models.keeps('movies')).toBeNull();
      expect((await policies.list()).map(({ model }) => model)).toEqual(['books']);
    });

    it('whose aliases a schedule learns from keep them', async () => {
      const store = await withVersions(1);
      await store.schedules.create({
        id: 'nightly',
        cron: '0 3 * * *',
        timeZone: 'UTC',
        job: { type: 'distillation', model: 'books', spec: { model: 'books', teacher: { model: 'movies' } } },
        nextAt: 1,
      } as never);
      const alias = (await store.models.alias('movies', 'stable'))!;
      await expect(store.models.removeAlias('movies', 'stable', alias)).rejects.toMatchObject({
        code: 'conflict',
        extra: { neededBy: ['schedule nightly'] },
      });
    });
  });
}
