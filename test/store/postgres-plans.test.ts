import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findPostgres } from '../../scripts/setup/postgres.mjs';
import type { InteractionPosition } from '../../src/store/data/contract.ts';
import { createExports } from '../../src/store/data/exports.ts';
import { createInteractions } from '../../src/store/data/interactions.ts';
import { openPostgres } from '../../src/store/postgres/engine.ts';
import { createPostgresPaths } from '../../src/store/postgres/interaction-paths.ts';
import { startTestPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { interaction } from '../helpers/store.ts';

/** Has the server send the plan of every query along with its answer. */
const EXPLAINED =
  '-c session_preload_libraries=auto_explain -c auto_explain.log_min_duration=0 -c auto_explain.log_level=notice';

describe.runIf(findPostgres())('plans on PostgreSQL', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startTestPostgres();
  });
  afterAll(() => server?.close());

  async function openRecorded() {
    const url = await server.createDatabase();
    const engine = await openPostgres(`${url}&options=${encodeURIComponent(EXPLAINED)}`, Date.now);
    onTestFinished(() => engine.close());
    const interactions = createInteractions(engine, createPostgresPaths(engine));
    const rows = Array.from({ length: 20_000 }, (_, i) =>
      interaction({ userId: `user-${i % 10}`, itemId: `film-${i % 777}`, timestamp: 1000 + i }),
    );
    await interactions.add(rows);
    await engine.pool.query('ANALYZE');
    const plans: string[] = [];
    engine.pool.on('acquire', (client) => {
      client.on('notice', ({ message }) => plans.push(message ?? ''));
    });
    async function plansOf(work: () => Promise<unknown>): Promise<string> {
      plans.length = 0;
      await work();
      return plans.join('\n');
    }
    return { interactions, exports: createExports(engine), plansOf };
  }

  it("reads a user's newest interactions from the index, without sorting and without a pass over the table", async () => {
    const { interactions, plansOf } = await openRecorded();
    const plan = await plansOf(() => interactions.history('user-3', 500));
    expect(plan).toContain('Index Scan using interactions_history');
    expect(plan).not.toMatch(/Seq Scan on interactions/);
    const { nextCursor } = await interactions.list('user-3', 20);
    const list = await plansOf(() => interactions.list('user-3', 20, nextCursor!));
    expect(list).toContain('Index Scan using interactions_history');
    expect(list).not.toMatch(/Seq Scan on interactions|Sort/);
  });

  it('reads everything since a time from the index, in its order', async () => {
    const { exports, plansOf } = await openRecorded();
    const read = (after?: InteractionPosition) => exports.interactions(after, 99_999, 50, { since: 5_000 });
    const first = await plansOf(() => read());
    const { next } = await read();
    const second = await plansOf(() => read(next!));
    for (const plan of [first, second]) {
      expect(plan).toMatch(/Index Scan using interactions_time/);
      expect(plan).not.toMatch(/Seq Scan on interactions/);
    }
    expect(first).not.toContain('Sort');
  });

  it('finds popular items from the index', async () => {
    const { interactions, plansOf } = await openRecorded();
    const plan = await plansOf(() => interactions.mostPopular(10));
    expect(plan).toContain('using items_popularity');
  });
});
