import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { findPostgres } from '../../scripts/setup/postgres.mjs';
import { createStore } from '../../src/store/create-store.ts';
import { SCHEMA_VERSION } from '../../src/store/engine/migrations.ts';
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
      const url = await server.createSchema();
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
      const meta = [{ key: 'schema_version', value: String(SCHEMA_VERSION + 1) }];
      await run(url, 'CREATE TABLE meta (key text PRIMARY KEY, value text)');
      await run(url, `INSERT INTO meta VALUES ('schema_version', '${SCHEMA_VERSION + 1}')`);
      await expect(createStore(url)).rejects.toMatchObject({
        code: 'store-unavailable',
        detail: expect.stringMatching(
          new RegExp(`test_\\d+: .*version ${SCHEMA_VERSION + 1}.*newer Stillhouse`),
        ),
      });
      expect(await run(url, 'SELECT * FROM meta')).toEqual(meta);
      const tables = await run(url, "SELECT tablename FROM pg_tables WHERE schemaname = 'public'");
      expect(tables).toEqual([{ tablename: 'meta' }]);
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

async function run(url: string, text: string): Promise<object[]> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  const { rows } = await client.query(text);
  await client.end();
  return rows;
}
