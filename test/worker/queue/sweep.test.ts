import { utimes } from 'node:fs/promises';
import path from 'node:path';
import { expect, it } from 'vitest';
import { createFsStore } from '../../../src/artifact/store/fs-store.ts';
import { createLogger } from '../../../src/core/logger.ts';
import { sweep } from '../../../src/worker/queue/sweep.ts';
import { openStore, temporaryFolder } from '../../helpers/store.ts';

it('uploads go whose import has ended or was never made, a day after they came', async () => {
  const folder = await temporaryFolder();
  const store = await openStore(path.join(folder, 'test.db'));
  const artifacts = createFsStore(`file:${folder}/artifacts`);
  await store.jobs.create({ id: 'waits', type: 'import', model: null, spec: {} as never });
  await store.jobs.create({ id: 'ended', type: 'import', model: null, spec: {} as never });
  await store.jobs.transition('ended', ['queued'], 'cancelled');
  for (const name of ['waits.csv', 'ended.csv.gz', 'unmade.csv', 'fresh.csv'])
    await artifacts.put(`imports/${name}`, Buffer.from('a'));
  const yesterday = new Date(Date.now() - 2 * 86_400_000);
  for (const name of ['waits.csv', 'ended.csv.gz', 'unmade.csv'])
    await utimes(path.join(folder, 'artifacts/imports', name), yesterday, yesterday);
  const lines: string[] = [];
  await sweep({
    store,
    artifacts,
    days: { rejects: 30, logs: 90, jobs: undefined },
    logger: createLogger('test', 'info', { write: (line) => void lines.push(line) }),
    now: Date.now,
  });
  const left = (await artifacts.list('imports')).map(({ key }) => key);
  expect(left).toEqual(['imports/fresh.csv', 'imports/waits.csv']);
  expect(lines.join()).toContain('"uploads":2');
});
