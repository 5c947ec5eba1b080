import path from 'node:path';
import { pathToFileURL } from 'node:url';
import { expect, it } from 'vitest';
import { loadScoreLists } from '../../../src/artifact/score-lists.ts';
import { createFsStore } from '../../../src/artifact/store/fs-store.ts';
import { createSecrets } from '../../../src/core/secrets.ts';
import type { ImportSpec } from '../../../src/domain/data/import.ts';
import { createErasedUsers } from '../../../src/worker/import/erased-users.ts';
import { runImport } from '../../../src/worker/import/import-runner.ts';
import { openStore, temporaryFolder } from '../../helpers/store.ts';

const secrets = createSecrets('a'.repeat(32));

async function importOf(kind: ImportSpec['kind'], lines: string, part: Partial<ImportSpec> = {}) {
  const folder = await temporaryFolder();
  let now = 1_000;
  const store = await openStore(path.join(folder, 'test.db'), () => now);
  const artifacts = createFsStore(pathToFileURL(path.join(folder, 'artifacts')).href);
  await artifacts.put('imports/job-1.csv', Buffer.from(lines));
  const spec: ImportSpec = {
    type: 'import',
    kind,
    format: 'csv',
    file: 'imports/job-1.csv',
    bytes: 1,
    ...part,
  };
  const job = await store.jobs.create({ id: 'job-1', type: 'import', model: null, spec });
  now = 2_000;
  const run = () =>
    runImport({
      ...{ jobId: 'job-1', spec, store, artifacts, importUrls: [], importDir: undefined },
      ...{ signal: new AbortController().signal, onProgress: () => {}, now: Date.now, batchRows: 2 },
      erased: createErasedUsers(store.deletions, secrets, Date.parse(job.createdAt)),
    });
  const erase = (userId: string) =>
    store.deletions.user(userId, [], { pseudonym: secrets.pseudonym, isKnown: true });
  return { store, artifacts, run, erase };
}

it('an import does not bring back who was erased while it waited, nor their bad lines', async () => {
  const lines = 'userId,itemId,type\nada,1,click\nbob,1,click\nada,2,click\nada,,click\nbob,,click\n';
  const { store, run, erase } = await importOf('interactions', lines);
  await erase('ada');
  expect(await run()).toMatchObject({ rows: 5, rejected: 2 });
  expect(await store.interactions.history('ada', 9)).toEqual([]);
  expect((await store.interactions.history('bob', 9)).map(({ itemId }) => itemId)).toEqual(['1']);
  const users = await store.interactions.snapshot((source) => source.dictionary('users'));
  expect([...users.values()]).toEqual(['bob']);
  expect((await store.rejects.list('job-1', 9)).rows.map(({ text }) => text)).toEqual(['bob,,click']);
});

it('a catalogue of users does not either', async () => {
  const { store, run, erase } = await importOf('users', 'userId,age\nada,3\nbob,4\n');
  await erase('ada');
  await run();
  expect((await store.catalogue.listUsers(9)).rows.map(({ userId }) => userId)).toEqual(['bob']);
});

it('a teacher has no list of theirs', async () => {
  const lines = 'userId,itemId,score\nada,1,1\nbob,2,1\n';
  const { store, artifacts, run, erase } = await importOf('teacher', lines, { name: 'night' });
  await erase('ada');
  await run();
  const { artifact, coverage } = (await store.externalTeachers.get('night'))!;
  expect((await loadScoreLists(artifacts, artifact)).users).toEqual(['bob']);
  expect(coverage.users).toBe(1);
});

it('a teacher of nobody else is refused, and an import of after the erasure is as any other', async () => {
  const { run, erase } = await importOf('teacher', 'userId,itemId,score\nada,1,1\n', { name: 'night' });
  await erase('ada');
  await expect(run()).rejects.toMatchObject({ detail: expect.stringMatching(/Every user .* was erased/) });
  const again = await importOf('interactions', 'userId,itemId,type\nada,1,click\n');
  await again.run();
  expect(await again.store.interactions.history('ada', 9)).toHaveLength(1);
});
