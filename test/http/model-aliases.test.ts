import request from 'supertest';
import { expect, it, onTestFinished } from 'vitest';
import { newVersion, openStore, temporaryFolder } from '../helpers/store.ts';
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
