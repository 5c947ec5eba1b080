import request from 'supertest';
import { expect, it, onTestFinished } from 'vitest';
import { newVersion, openStore, temporaryFolder } from '../helpers/store.ts';
import { expectProblem } from './problem.ts';
import { startService } from './service.ts';

const ALIAS = '/models/movies/aliases/stable';

/** Versions 1 to 3 of a model. Each reader of the alias waits until `readers` have read it. */
async function serviceWhereAllReadFirst(readers: number) {
  const store = await openStore(`${await temporaryFolder()}/test.db`);
  for (const jobId of ['a', 'b', 'c']) await store.models.publish(newVersion({ jobId }), 'stable');
  let reads = 0;
  let release = () => {};
  const all = new Promise<void>((resolve) => {
    release = resolve;
  });
  const alias: typeof store.models.alias = async (...what) => {
    const found = await store.models.alias(...what);
    if (++reads >= readers) release();
    await all;
    return found;
  };
  const service = await startService({ store: { ...store, models: { ...store.models, alias } } });
  onTestFinished(() => service.close());
  return { url: service.url, store };
}

it.each([
  ['if-match', 'stable'],
  ['if-none-match', 'trial'],
])('of two that move an alias at once with %s one is told that it came too late', async (header, alias) => {
  const { url, store } = await serviceWhereAllReadFirst(2);
  const path = ALIAS.replace('stable', alias);
  const { version, updatedAt } = (await store.models.alias('movies', 'stable'))!;
  const condition = header === 'if-match' ? `"${version}-${updatedAt}"` : '*';
  const answers = await Promise.all(
    [1, 2].map((version) => request(url).put(path).set(header, condition).send({ version })),
  );
  const codes = answers.map(({ status, body }) => [status, body.code]);
  expect(codes.toSorted()).toEqual([
    [200, undefined],
    [412, 'precondition-failed'],
  ]);
  const winner = answers.findIndex(({ status }) => status === 200) + 1;
  expect((await store.models.alias('movies', alias))?.version).toBe(winner);
});

it('two that ask for no condition both get their way, the later one for good', async () => {
  const { url, store } = await serviceWhereAllReadFirst(2);
  const answers = await Promise.all([1, 2].map((version) => request(url).put(ALIAS).send({ version })));
  expect(answers.map(({ status }) => status)).toEqual([200, 200]);
  expect([1, 2]).toContain((await store.models.alias('movies', 'stable'))?.version);
});

it('models are listed with as many of their newest versions as one asks for, and all their aliases', async () => {
  const store = await openStore(`${await temporaryFolder()}/test.db`);
  for (const jobId of ['a', 'b', 'c']) await store.models.publish(newVersion({ jobId }), 'stable');
  await store.models.setAlias('movies', 'first', 1);
  const service = await startService({ store });
  onTestFinished(() => service.close());
  const ask = async (query: string) =>
    (await request(service.url).get(`/models${query}`).expect(200)).body.data[0];
  const numbers = (model: { versions: { version: number }[] }) =>
    model.versions.map(({ version }) => version);
  expect(numbers(await ask(''))).toEqual([3, 2, 1]);
  expect(numbers(await ask('?versions=2'))).toEqual([3, 2]);
  expect(await ask('?versions=0')).toMatchObject({ versions: [], aliases: { stable: 3, first: 1 } });
  expectProblem(
    await request(service.url).get('/models?versions=-1'),
    400,
    'invalid-request',
    /versions must/,
  );
});

it('the aliases of a model are listed, each with the ETag that changes it', async () => {
  const store = await openStore(`${await temporaryFolder()}/test.db`);
  for (const jobId of ['a', 'b']) await store.models.publish(newVersion({ jobId }), 'stable');
  await store.models.setAlias('movies', 'trial', 1);
  const service = await startService({ store });
  onTestFinished(() => service.close());
  const { body } = await request(service.url).get('/models/movies/aliases').expect(200);
  expect(body.data.map((one: { alias: string; version: number }) => [one.alias, one.version])).toEqual([
    ['stable', 2],
    ['trial', 1],
  ]);
  const { headers } = await request(service.url).get(ALIAS).expect(200);
  expect(body.data[0].etag).toBe(headers.etag);
  await request(service.url).put(ALIAS).set('if-match', body.data[0].etag).send({ version: 1 }).expect(200);
  await request(service.url).put(ALIAS).set('if-match', body.data[0].etag).send({ version: 2 }).expect(412);
  expectProblem(
    await request(service.url).get('/models/films/aliases'),
    404,
    'not-found',
    /no model "films"/,
  );
});
