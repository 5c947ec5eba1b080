import path from 'node:path';
import { expect, it, onTestFinished } from 'vitest';
import { createCatalogue } from '../../src/store/data/catalogue.ts';
import { createExports } from '../../src/store/data/exports.ts';
import { createInteractions } from '../../src/store/data/interactions.ts';
import { createJobs } from '../../src/store/jobs/jobs.ts';
import { createModels } from '../../src/store/registry/models.ts';
import { openSqlite } from '../../src/store/sqlite/engine.ts';
import { createSqlitePaths } from '../../src/store/sqlite/interaction-paths.ts';
import { interaction, temporaryFolder } from '../helpers/store.ts';

async function openRecorded() {
  const engine = await openSqlite(path.join(await temporaryFolder(), 'test.db'), Date.now);
  onTestFinished(() => engine.close());
  const recorded: string[] = [];
  const { statement } = engine.reader;
  engine.reader.statement = (sql) => {
    recorded.push(sql);
    return statement(sql);
  };
  /** How SQLite would run the queries that the work asks. */
  async function plansOf(work: () => Promise<unknown>): Promise<string> {
    recorded.length = 0;
    await work();
    const steps = recorded.flatMap((sql) =>
      engine.reader.database.prepare(`EXPLAIN QUERY PLAN ${sql}`).all(...nulls(sql)),
    );
    return (steps as { detail: string }[]).map(({ detail }) => detail).join('\n');
  }
  return {
    plansOf,
    interactions: createInteractions(engine, createSqlitePaths(engine)),
    catalogue: createCatalogue(engine),
    exports: createExports(engine),
    jobs: createJobs(engine),
    models: createModels(engine),
  };
}

const nulls = (sql: string) => Array.from(sql.matchAll(/\?/g), () => null);

it("reads a user's newest interactions from the index, without sorting and without a pass over the table", async () => {
  const { plansOf, interactions } = await openRecorded();
  await interactions.add([interaction()]);
  // The first call also reads the names of the types, once.
  await interactions.history('ann', 1);
  const plan = await plansOf(() => interactions.history('ann', 500));
  expect(plan).toContain('SEARCH i USING INDEX interactions_history (user_key=?)');
  expect(plan).not.toMatch(/SCAN|TEMP B-TREE/);
});

it('pages through a user from the same index', async () => {
  const { plansOf, interactions } = await openRecorded();
  await interactions.add([1, 2, 3].map((timestamp) => interaction({ timestamp })));
  const { nextCursor } = await interactions.list('ann', 1);
  const plan = await plansOf(() => interactions.list('ann', 1, nextCursor!));
  expect(plan).toContain('USING INDEX interactions_history (user_key=?)');
  expect(plan).not.toMatch(/SCAN|TEMP B-TREE/);
});

it('reads everything since a time from the index, in its order', async () => {
  const { plansOf, interactions, exports } = await openRecorded();
  await interactions.add([1, 2, 2, 2, 3].map((timestamp, i) => interaction({ timestamp, itemId: `i${i}` })));
  const { next } = await exports.interactions(undefined, 99, 2, { since: 1 });
  const first = await plansOf(() => exports.interactions(undefined, 99, 2, { since: 1 }));
  expect(first).toContain('SEARCH i USING INDEX interactions_time (timestamp>? AND timestamp<?)');
  const second = await plansOf(() => exports.interactions(next!, 99, 20, { since: 1 }));
  expect(second).toContain('SEARCH i USING INDEX interactions_time (timestamp=? AND rowid>?');
  expect(first + second).not.toMatch(/SCAN|TEMP B-TREE/);
});

it('finds popular and restricted items without a pass over the catalogue', async () => {
  const { plansOf, interactions, catalogue } = await openRecorded();
  expect(await plansOf(() => interactions.mostPopular(10))).toContain('USING INDEX items_popularity');
  expect(await plansOf(() => catalogue.restrictedItems())).toContain('USING INDEX items_restricted');
});

it('finds jobs, events and versions by their keys', async () => {
  const { plansOf, jobs, models } = await openRecorded();
  const plans = [
    await plansOf(() => jobs.get('x')),
    await plansOf(() => jobs.events('x', 5, 10)),
    await plansOf(() => models.resolve('movies', 'stable')),
    await plansOf(() => models.get('movies', 1)),
  ];
  for (const plan of plans) {
    expect(plan).toContain('SEARCH');
    expect(plan).not.toContain('SCAN');
  }
  const list = await plansOf(() => jobs.list({}, 10));
  expect(list).toContain('USING INDEX jobs_created');
  expect(list).not.toContain('TEMP B-TREE');
});
