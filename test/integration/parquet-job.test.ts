import { writeFile } from 'node:fs/promises';
import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { eventually } from '../helpers/eventually.ts';
import { GROUPS, groupOf, groupRows } from '../helpers/groups.ts';
import { startService } from '../helpers/service.ts';
import { temporaryFolder } from '../helpers/store.ts';

it('a job trains on an exported Parquet file in an installation without interactions', async () => {
  const folder = await temporaryFolder();
  const service = await startService({ env: { IMPORT_DIR: folder } });
  onTestFinished(() => service.dispose());
  const interactions = groupRows().map(({ user, item, timestamp }) => ({
    ...{ userId: user, itemId: item, type: 'click' },
    timestamp: new Date(timestamp!).toISOString(),
  }));
  await service.send('POST', '/interactions', { interactions });
  const file = await fetch(`${service.url}/exports/interactions?format=parquet`);
  expect(file.headers.get('content-type')).toBe('application/vnd.apache.parquet');
  await writeFile(path.join(folder, 'events.parquet'), Buffer.from(await file.arrayBuffer()));
  for (const type of ['click']) await service.send('DELETE', `/interactions?type=${type}`);
  const job = {
    model: 'films',
    teacher: { kind: 'ease' },
    student: { kind: 'fold-in', dimensions: 8 },
    distillation: { epochs: 5 },
    evaluation: { refit: false },
  };
  const empty = await service.send('POST', '/jobs', job);
  expect(empty.body.code).toBe('not-enough-data');
  const dataset = { source: { parquet: 'events.parquet' } };
  const plan = await service.send('POST', '/jobs/plan', { ...job, dataset });
  expect(plan.body).toMatchObject({
    runs: true,
    warnings: [expect.stringMatching(/files are read when it runs/)],
  });
  const { body } = await service.send('POST', '/jobs', { ...job, dataset });
  expect(await service.finished(body.id)).toMatchObject({ state: 'succeeded' });
  const report = await service.send('GET', '/models/films/versions/1/report');
  expect(report.body.data).toMatchObject({ users: 60, items: 40, interactions: interactions.length });
  // Its users are not in the database; their likes come with the request.
  const [group] = GROUPS;
  const liked = interactions.filter(({ itemId }) => groupOf(itemId) === group).slice(0, 3);
  await eventually('the version is live', async () => {
    const version = await service.send('GET', '/models/films/versions/1');
    return version.body.serving?.state === 'live';
  });
  const session = { model: 'films', k: 3, interactions: liked.map(({ itemId }) => ({ itemId })) };
  const answer = await service.send('POST', '/recommend', session);
  expect(answer.body.items).toHaveLength(3);
  for (const { itemId } of answer.body.items) expect(groupOf(itemId)).toBe(group);
  const away = await service.send('POST', '/jobs', {
    ...job,
    dataset: { source: { parquet: '../x.parquet' } },
  });
  expect([away.status, away.body.code]).toEqual([403, 'source-not-allowed']);
});
