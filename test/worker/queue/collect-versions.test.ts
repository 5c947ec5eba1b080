import { mkdir, readdir, writeFile } from 'node:fs/promises';
import { pino } from 'pino';
import { expect, it } from 'vitest';
import { createFsStore } from '../../../src/artifact/store/fs-store.ts';
import { collectVersions } from '../../../src/worker/queue/collect-versions.ts';
import { newVersion, openStore, temporaryFolder } from '../../helpers/store.ts';

const logger = pino({ level: 'silent' });

async function bench(versions: number) {
  const folder = await temporaryFolder();
  const { models } = await openStore(`${folder}/test.db`);
  const artifacts = createFsStore(`file:${folder}/artifacts`);
  for (let i = 1; i <= versions; i++) {
    const artifact = `models/movies/job-${i}`;
    await mkdir(`${folder}/artifacts/${artifact}`, { recursive: true });
    await writeFile(`${folder}/artifacts/${artifact}/manifest.json`, '{}');
    await models.publish(newVersion({ jobId: `job-${i}`, artifact }), 'stable');
  }
  const left = async () => (await readdir(`${folder}/artifacts/models/movies`)).sort();
  return { models, artifacts, left };
}

it('versions beyond those that are kept go, with their files, and nothing else', async () => {
  const { models, artifacts, left } = await bench(5);
  await collectVersions({ models, artifacts, logger });
  expect(await left()).toHaveLength(5);
  await models.annotate('movies', 1, { tags: ['first'] });
  await collectVersions({ models, artifacts, logger, keepVersions: 1 });
  // 5 is live, 4 was before it, 1 has a tag.
  expect(await left()).toEqual(['job-1', 'job-4', 'job-5']);
  await models.setKeeps('movies', 100);
  await models.annotate('movies', 1, { tags: [] });
  await collectVersions({ models, artifacts, logger, keepVersions: 1 });
  expect(await left()).toHaveLength(3);
});

it('files are removed again where the worker was killed before it could say so', async () => {
  const { models, artifacts, left } = await bench(2);
  await models.removeVersion('movies', 1);
  const killed = { ...models, collected: () => Promise.reject(new Error('killed')) };
  await expect(collectVersions({ models: killed, artifacts, logger })).rejects.toThrow('killed');
  expect(await left()).toEqual(['job-2']);
  await collectVersions({ models, artifacts, logger });
  expect(await models.collectable(10)).toEqual([]);
});
