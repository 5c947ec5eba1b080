import { afterAll, beforeAll, describe, it } from 'vitest';
import { findPostgres } from '../../scripts/setup/postgres.mjs';
import { describeSignals } from '../contract/signals-suite.ts';
import { startTestPostgres, type TestPostgres } from '../helpers/postgres.ts';

describeSignals('SQLite', async () => undefined);

if (!findPostgres()) it.skip('PostgreSQL: NOT RUN, there is no server of version 14 or newer here');

describe.runIf(findPostgres())('with a server', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startTestPostgres();
  });
  afterAll(() => server?.close());
  describeSignals('PostgreSQL', () => server.createSchema());
});
