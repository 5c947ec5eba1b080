import path from 'node:path';
import { Readable } from 'node:stream';
import { pathToFileURL } from 'node:url';
import request from 'supertest';
import { afterEach, beforeEach, expect, it } from 'vitest';
import { packScoreLists } from '../../src/artifact/score-lists.ts';
import { createFsStore } from '../../src/artifact/store/fs-store.ts';
import { expectProblem } from './problem.ts';
import { type Service, startService } from './service.ts';

let service: Service;
beforeEach(async () => {
  service = await startService();
});
afterEach(() => service.close());

const erase = (userId: string) => request(service.url).delete(`/users/${userId}`);

it('finds a user whom bad lines and an imported teacher alone speak of, and says what remains', async () => {
  const { store } = service;
  const { body: job } = await request(service.url)
    .post('/imports?kind=interactions&format=csv')
    .type('text/csv')
    .send('userId,itemId\nada,1\n')
    .expect(202);
  await store.rejects.add(job.id, [{ line: 2, reason: 'bad', text: 'ada,,' }]);
  const artifacts = createFsStore(pathToFileURL(path.join(service.folder, 'artifacts')).href);
  const { files } = packScoreLists({
    ...{ users: ['ada', 'bob'], items: ['1'], indptr: Int32Array.of(0, 1, 2) },
    ...{ indices: Int32Array.of(0, 0), scores: Float32Array.of(1, 2) },
  });
  for (const [name, content] of files)
    await artifacts.put(`teachers/night/j/${name}`, Readable.from([content]));
  const coverage = { users: 2, items: 1, unknownUsers: 0, unknownItems: 0, shareOfUsers: 1, shareOfItems: 1 };
  await store.externalTeachers.put({
    ...{ name: 'night', jobId: 'j', createdAt: new Date().toISOString(), scores: 2, longest: 1 },
    ...{ bytes: 1, sha256: 'x', coverage, artifact: 'teachers/night/j' },
  });
  const { body } = await erase('ada').expect(200);
  expect(body).toMatchObject({
    ...{ what: 'user', interactions: 0, rejects: 1, logLines: 0 },
    ...{ teachers: ['night'], waitingImports: [job.id] },
  });
  expect(body.remains).toEqual([
    expect.stringContaining(`${job.id} had not ended`),
    expect.stringMatching(/^Versions of models that were trained before/),
    expect.stringMatching(/15 minutes/),
    expect.stringMatching(/backups and exports of before.*Parquet/),
  ]);
  expectProblem(await erase('ada'), 404, 'not-found', /Nothing is known of user "ada"/);
  expect((await request(service.url).get('/teachers/night').expect(200)).body.coverage.users).toBe(1);
});

it('answers 404 where nothing is known, and leaves no receipt', async () => {
  expectProblem(await erase('nobody'), 404, 'not-found', /Nothing is known/);
  expect((await request(service.url).get('/deletions').expect(200)).body.data).toEqual([]);
});
