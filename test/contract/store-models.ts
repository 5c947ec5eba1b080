import { describe, expect, it } from 'vitest';
import type { StoredExternalTeacher } from '../../src/domain/teachers/external-teacher.ts';
import { newVersion } from '../helpers/store.ts';
import type { StoreUnderTest } from './store-suite.ts';

export function modelsSuite({ database }: StoreUnderTest): void {
  describe('models', () => {
    it('registers the first version and points the alias at it', async () => {
      const { models } = await (await database(() => 0))();
      const registered = await models.publish(newVersion(), 'stable');
      expect(registered).toEqual({
        ...newVersion(),
        version: 1,
        createdAt: '1970-01-01T00:00:00.000Z',
        aliases: ['stable'],
      });
      expect(await models.get('movies', 1)).toEqual(registered);
      expect(await models.resolve('movies', 'stable')).toEqual(registered);
    });

    it('counts versions per model and moves the alias to the newest', async () => {
      const { models } = await (await database())();
      await models.publish(newVersion({ jobId: 'a' }), 'stable');
      await models.publish(newVersion({ jobId: 'b' }), 'stable');
      await models.publish(newVersion({ jobId: 'c', model: 'books' }), 'stable');
      await models.publish(newVersion({ jobId: 'd' }), 'trial');
      const versions = await models.versions('movies');
      expect(versions.map(({ version, aliases }) => [version, aliases])).toEqual([
        [3, ['trial']],
        [2, ['stable']],
        [1, []],
      ]);
      expect(await models.names()).toEqual(['books', 'movies']);
      const live = await models.aliased('stable');
      expect(live.map(({ model, version }) => [model, version])).toEqual([
        ['books', 1],
        ['movies', 2],
      ]);
    });

    it('registers one version per job, however often it is asked', async () => {
      const open = await database();
      const stores = [await open(), await open()];
      const answers = await Promise.all(
        [0, 1, 0, 1].map((i) => stores[i]!.models.publish(newVersion({ jobId: 'same' }), 'stable')),
      );
      expect(answers.map(({ version }) => version)).toEqual([1, 1, 1, 1]);
      expect(await stores[0]!.models.versions('movies')).toHaveLength(1);
    });

    it('does not move the alias back when an earlier job publishes again', async () => {
      const { models } = await (await database())();
      await models.publish(newVersion({ jobId: 'a' }), 'stable');
      await models.publish(newVersion({ jobId: 'b' }), 'stable');
      const again = await models.publish(newVersion({ jobId: 'a' }), 'stable');
      expect(again).toMatchObject({ version: 1, aliases: [] });
      expect((await models.resolve('movies', 'stable'))?.version).toBe(2);
    });

    it('gives consecutive versions to jobs that publish at once', async () => {
      const open = await database();
      const stores = [await open(), await open()];
      const answers = await Promise.all(
        Array.from({ length: 10 }, (_, i) =>
          stores[i % 2]!.models.publish(newVersion({ jobId: `job-${i}` }), 'stable'),
        ),
      );
      const versions = answers.map(({ version }) => version).sort((a, b) => a - b);
      expect(versions).toEqual([1, 2, 3, 4, 5, 6, 7, 8, 9, 10]);
    });

    it('answers nothing for models, versions and aliases that are not there', async () => {
      const { models } = await (await database())();
      expect(await models.names()).toEqual([]);
      expect(await models.versions('movies')).toEqual([]);
      expect(await models.get('movies', 1)).toBeNull();
      expect(await models.resolve('movies', 'stable')).toBeNull();
      expect(await models.aliased('stable')).toEqual([]);
    });

    it('keeps external teachers by name, the newest of each', async () => {
      const { externalTeachers } = await (await database())();
      const teacher = (name: string, jobId: string): StoredExternalTeacher => ({
        name,
        jobId,
        createdAt: '2026-03-01T12:00:00.000Z',
        scores: 3,
        longest: 2,
        bytes: 100,
        sha256: 'f00d',
        coverage: { users: 2, items: 2, unknownUsers: 0, unknownItems: 0, shareOfUsers: 1, shareOfItems: 1 },
        artifact: `teachers/${name}/${jobId}`,
      });
      expect(await externalTeachers.put(teacher('night', 'job-1'))).toBeNull();
      expect(await externalTeachers.put(teacher('day', 'job-2'))).toBeNull();
      expect(await externalTeachers.put(teacher('night', 'job-3'))).toEqual(teacher('night', 'job-1'));
      expect(await externalTeachers.list()).toEqual([teacher('day', 'job-2'), teacher('night', 'job-3')]);
      expect(await externalTeachers.remove('day')).toEqual(teacher('day', 'job-2'));
      expect(await externalTeachers.remove('day')).toBeNull();
      expect(await externalTeachers.get('day')).toBeNull();
      expect(await externalTeachers.get('night')).toEqual(teacher('night', 'job-3'));
    });
  });
}
