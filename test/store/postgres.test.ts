import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPostgres } from '../../scripts/setup/postgres.mjs';
import { createStore } from '../../src/store/create-store.ts';
import { SCHEMA_VERSION } from '../../src/store/migrations.ts';
import { storeSuite } from '../contract/store-suite.ts';
import { startTestPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { interaction, openStore } from '../helpers/store.ts';

if (!findPostgres()) it.skip('PostgreSQL: NOT RUN, there is no server of version 14 or newer here');

describe.runIf(findPostgres())('PostgreSQL', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startTestPostgres();
  });
  afterAll(() => server?.close());

  storeSuite('PostgreSQL', {
    async database(now) {
      const url = await server.createDatabase();
      return () => openStore(url, now);
    },
  });

  describe('opening', () => {
    it('is possible for several processes at once on an empty database', async () => {
      const url = await server.createDatabase();
      const stores = await Promise.all([1, 2, 3, 4].map(() => openStore(url)));
      for (const store of stores) await store.interactions.add([interaction()]);
      expect(await stores[0]!.interactions.countUpTo(10)).toBe(1);
    });

    it('refuses a database of a newer release and leaves it alone', async () => {
      const url = await server.createDatabase();
      await (await createStore(url)).close();
      await run(url, `UPDATE meta SET value = '${SCHEMA_VERSION + 1}' WHERE key = 'schema_version'`);
      await expect(createStore(url)).rejects.toMatchObject({
        code: 'store-unavailable',
        detail: expect.stringMatching(
          new RegExp(`test_\\d+: .*version ${SCHEMA_VERSION + 1}.*newer Stillhouse`),
        ),
      });
    });

    it('names the database that is not there', async () => {
      const url = (await server.createDatabase()).replace(/test_\d+/, 'nowhere');
      await expect(createStore(url)).rejects.toMatchObject({
        code: 'store-unavailable',
        detail: expect.stringMatching(/nowhere: .*no such database/),
      });
    });
  });

  it('answers store-unavailable after it was closed', async () => {
    const store = await createStore(await server.createDatabase());
    await store.close();
    for (const call of [
      () => store.ping(),
      () => store.interactions.history('ann', 5),
      () => store.interactions.add([interaction()]),
      () => store.jobs.get('x'),
    ]) {
      await expect(call()).rejects.toMatchObject({ code: 'store-unavailable' });
    }
  });
});

async function run(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  await client.query(text);
  await client.end();
}
