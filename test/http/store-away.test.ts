import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, mkdirSync, mkdtempSync, rmdirSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, it, onTestFinished } from 'vitest';
import { findPostgres } from '../../scripts/setup/postgres.mjs';
import { createStore } from '../../src/store/create-store.ts';
import { toBatch } from '../../src/store/data/batch.ts';
import { WRITER_LOCK } from '../../src/store/postgres/migrate.ts';
import type { Store } from '../../src/store/store.ts';
import { POSTGRES_USER, startTestPostgres, type TestPostgres } from '../helpers/postgres.ts';
import { interaction, temporaryFolder } from '../helpers/store.ts';
import { startService } from './service.ts';

const LOCK_HOLDER = fileURLToPath(new URL('../store/lock-holder.mjs', import.meta.url));

/** A writer gives up soon. */
const BUSY_MS = 500;

async function serve(store: Store) {
  const service = await startService({ store });
  onTestFinished(() => service.close());
  const post = (userId: string, count: number, itemId = 'film') =>
    fetch(`${service.url}/interactions`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({
        interactions: Array.from({ length: count }, (_, i) => ({
          userId,
          itemId: `${itemId}-${i}`,
          type: 'click',
        })),
      }),
    });
  const historyOf = async (userId: string) => {
    const answer = await fetch(`${service.url}/users/${userId}/interactions?limit=1000`);
    const { data } = (await answer.json()) as { data?: unknown[] };
    return { status: answer.status, rows: data?.length };
  };
  return { ...service, post, historyOf };
}

async function expectAway(answer: Response, reason: RegExp): Promise<void> {
  expect(answer.status).toBe(503);
  expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0);
  expect(await answer.json()).toMatchObject({
    code: 'store-unavailable',
    detail: expect.stringMatching(reason),
  });
}

/** Posts until one is refused, and again when the file that took most of the disk is gone. */
async function fillUp({ post, historyOf }: Awaited<ReturnType<typeof serve>>, folder: string, bytes: number) {
  const filler = path.join(folder, 'filler');
  writeFileSync(filler, Buffer.alloc(bytes));
  const acknowledged: string[] = [];
  let refused: Response | undefined;
  for (let i = 0; i < 500 && !refused; i++) {
    const answer = await post(`user-${i}`, 200, `a long name ${'x'.repeat(100)} ${i}`);
    if (answer.status === 200) acknowledged.push(`user-${i}`);
    else refused = answer;
  }
  await expectAway(refused!, /disk is full/);
  expect(acknowledged.length).toBeGreaterThan(3);
  expect(await historyOf(`user-${acknowledged.length}`)).toEqual({ status: 200, rows: 0 });
  for (const user of acknowledged) expect(await historyOf(user)).toEqual({ status: 200, rows: 200 });
  rmSync(filler);
  expect((await post(`user-${acknowledged.length}`, 20)).status).toBe(200);
  expect(await historyOf(`user-${acknowledged.length}`)).toEqual({ status: 200, rows: 20 });
}

const small = smallFileSystem();

describe('a SQLite database', () => {
  it('that another process has locked is read on; writing waits, then answers 503, and works again', async () => {
    const file = path.join(await temporaryFolder(), 'test.db');
    const { post, historyOf } = await serve(
      await createStore(`sqlite:${file}`, undefined, Date.now, BUSY_MS),
    );
    expect((await post('ann', 3)).status).toBe(200);
    const holder = spawn(process.execPath, [LOCK_HOLDER, file, '60000'], {
      stdio: ['ignore', 'pipe', 'inherit'],
    });
    onTestFinished(() => void holder.kill());
    await once(holder.stdout, 'data');
    const refused = post('bob', 3);
    expect(await historyOf('ann')).toEqual({ status: 200, rows: 3 });
    await expectAway(await refused, /another process has held it/);
    expect(await historyOf('bob')).toEqual({ status: 200, rows: 0 });
    const released = once(holder, 'exit');
    holder.kill();
    await released;
    expect((await post('bob', 3)).status).toBe(200);
    expect(await historyOf('bob')).toEqual({ status: 200, rows: 3 });
  });

  it.skipIf(small === null)(
    'on a full disk refuses with the reason, keeps what it acknowledged and nothing else, and goes on when there is room',
    async () => {
      const folder = await small!('4m');
      const service = await serve(await createStore(`sqlite:${path.join(folder, 'test.db')}`));
      await fillUp(service, folder, 512 * 1024);
    },
  );
  if (small === null)
    it.skip('on a full disk: NOT RUN through the service, a small file system could not be mounted; test/store/sqlite-file.test.ts limits the pages instead', () => {});
});

describe.runIf(findPostgres())('a PostgreSQL database', () => {
  let server: TestPostgres;
  beforeAll(async () => {
    server = await startTestPostgres({ durable: true });
  });
  afterAll(() => server?.close());

  it('that is away answers 503 everywhere, and works again when it is back', async () => {
    const { post, historyOf } = await serve(await createStore(await server.createDatabase()));
    expect((await post('ann', 3)).status).toBe(200);
    await server.kill();
    await expectAway(await post('bob', 3), /cannot be reached|broke|starting or shutting/);
    expect((await historyOf('ann')).status).toBe(503);
    await server.start();
    expect((await post('bob', 3)).status).toBe(200);
    expect(await historyOf('ann')).toEqual({ status: 200, rows: 3 });
    expect(await historyOf('bob')).toEqual({ status: 200, rows: 3 });
  });

  it('that is started again meanwhile costs many rows at once a moment, and none of them', async () => {
    const store = await createStore(await server.createDatabase());
    onTestFinished(() => store.close());
    const rows = Array.from({ length: 3 }, (_, i) => interaction({ timestamp: i }));
    await server.kill();
    const added = store.interactions.addBatch(toBatch(rows));
    await setTimeout(600);
    await server.start();
    expect(await added).toBe(3);
    expect(await store.interactions.countUpTo(10)).toBe(3);
  });

  it('whose writers wait for another process is read on; writing answers 503 and works again', async () => {
    const url = await server.createDatabase();
    const { post, historyOf } = await serve(await createStore(url, undefined, Date.now, BUSY_MS));
    expect((await post('ann', 3)).status).toBe(200);
    const other = new pg.Client({ connectionString: url });
    await other.connect();
    await other.query(`SELECT pg_advisory_lock(${WRITER_LOCK})`);
    const refused = post('bob', 3);
    expect(await historyOf('ann')).toEqual({ status: 200, rows: 3 });
    await expectAway(await refused, /locked by another process/);
    await other.end();
    expect((await post('bob', 3)).status).toBe(200);
    expect(await historyOf('bob')).toEqual({ status: 200, rows: 3 });
  });

  it.skipIf(small === null)(
    'on a full disk refuses with the reason, keeps what it acknowledged and nothing else, and goes on when there is room',
    async () => {
      const folder = await small!('20m', POSTGRES_USER);
      const tables = path.join(folder, 'tables');
      mkdirSync(tables, { mode: 0o700 });
      if (POSTGRES_USER !== undefined) chownSync(tables, POSTGRES_USER, POSTGRES_USER);
      const service = await serve(await createStore(await server.createDatabase(tables)));
      await fillUp(service, folder, 8 * 1024 * 1024);
    },
  );
  if (small === null) it.skip('on a full disk: NOT RUN, a small file system could not be mounted', () => {});
});

/** A folder of a few megabytes for the running test, where this process may mount one; else null. */
function smallFileSystem(): ((size: string, owner?: number) => Promise<string>) | null {
  if (process.platform !== 'linux') return null;
  const mount = (folder: string, size = '4m', owner = 0) => {
    const options = `size=${size},uid=${owner},mode=755`;
    execFileSync('mount', ['-t', 'tmpfs', '-o', options, 'tmpfs', folder], { stdio: 'pipe' });
  };
  const unmount = (folder: string) => execFileSync('umount', ['-l', folder], { stdio: 'pipe' });
  const trial = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-mount-'));
  try {
    mount(trial);
    unmount(trial);
  } catch {
    return null;
  } finally {
    rmdirSync(trial);
  }
  return async (size, owner) => {
    const folder = await temporaryFolder();
    mount(folder, size, owner);
    // Registered later, so called first: the folder can be removed when nothing is mounted on it.
    onTestFinished(() => void unmount(folder));
    return folder;
  };
}
