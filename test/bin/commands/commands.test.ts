import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, open, readdir, rm, stat, truncate } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import path from 'node:path';
import { fileURLToPath } from 'node:url';
import Database from 'better-sqlite3';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { fingerprint } from '../../../src/artifact/store/fingerprint.ts';
import { createFsStore } from '../../../src/artifact/store/fs-store.ts';
import { DEFAULT_ALIAS } from '../../../src/domain/jobs/distillation-spec.ts';
import { createStore } from '../../../src/store/create-store.ts';
import { liveIn } from '../../backup/lived-in-store.ts';

const program = fileURLToPath(new URL('../../../dist/bin/stillhouse.js', import.meta.url));

let folder: string;
beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'stillhouse-commands-'));
});
afterEach(() => rm(folder, { recursive: true, force: true }));

const dataDir = (name: string) => path.join(folder, name);
const storeOf = (name: string) => createStore(`sqlite:${path.join(dataDir(name), 'stillhouse.db')}`);

async function stillhouse(args: string[], name = 'one') {
  const child = spawn(process.execPath, [program, ...args], {
    env: { PATH: process.env.PATH ?? '', DATA_DIR: dataDir(name) },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let out = '';
  let err = '';
  child.stdout.on('data', (chunk) => (out += chunk));
  child.stderr.on('data', (chunk) => (err += chunk));
  const [code] = await once(child, 'close');
  return { code, out, err };
}

/** A version with two files, as the registry and its manifest know it. @returns the folder of its files */
async function publishVersion(name: string): Promise<string> {
  const artifact = 'models/movies/job_1';
  const weights = Buffer.from('w'.repeat(100));
  const files = { weights: fingerprint(weights) };
  await createFsStore(`file:${path.join(dataDir(name), 'artifacts')}`).putFolder(
    artifact,
    new Map([
      ['weights', weights],
      ['manifest.json', Buffer.from(JSON.stringify({ files }))],
    ]),
  );
  const store = await storeOf(name);
  const summary = { metrics: {}, compressionRatio: 1 };
  const version = { model: 'movies', jobId: 'job_1', artifact, bytes: 100, items: 1, dimensions: 1, summary };
  await store.models.publish(version, DEFAULT_ALIAS);
  await store.close();
  return path.join(dataDir(name), 'artifacts', artifact);
}

describe('stillhouse', () => {
  it('lists its commands', async () => {
    const { code, out } = await stillhouse(['help']);
    expect(code).toBe(0);
    for (const name of ['all', 'api', 'worker', 'migrate', 'verify', 'backup', 'restore'])
      expect(out).toContain(`stillhouse ${name} `);
  });

  it.each([
    [
      ['verfiy'],
      /^There is no command verfiy; there are all, api, worker, (consume, )?key, migrate, verify, backup, restore\.$/,
    ],
    [['all', 'x'], /^stillhouse all takes nothing more; got x\.$/],
    [['api', '--port=1'], /^stillhouse api takes nothing more; got --port=1\.$/],
    [['verify', 'x', 'y'], /^stillhouse verify takes nothing more; got x y\.$/],
    [['backup'], /^Say which file: stillhouse backup FILE/],
    [['backup', 'a', 'b'], /^Say which file/],
    [['backup', '--without-modles'], /^Say which file/],
  ] as const)('%j is refused in one sentence', async (args, reason) => {
    const { code, err } = await stillhouse([...args]);
    expect([code, err.trim().split('\n').length]).toEqual([1, 1]);
    expect(err.trim()).toMatch(reason);
  });

  it('migrate creates the database, and may run again', async () => {
    for (let round = 0; round < 2; round++) {
      expect(await stillhouse(['migrate'])).toMatchObject({ code: 0, err: '' });
    }
    expect(await readdir(dataDir('one'))).toContain('stillhouse.db');
  });

  it('backup while a process has the database open, restore and verify', async () => {
    const store = await storeOf('one');
    await liveIn(store);
    await publishVersion('one');
    for (const [file, into] of [
      ['plain.tar', 'two'],
      ['packed.tar.gz', 'three'],
    ] as const) {
      const saved = path.join(folder, file);
      expect(
        await stillhouse(['backup', saved, ...(into === 'two' ? [] : ['--without-models'])]),
      ).toMatchObject({
        code: 0,
        out: `Wrote ${saved}.\n`,
      });
      expect((await stat(saved)).mode & 0o777).toBe(0o600);
      expect(await stillhouse(['restore', saved], into)).toMatchObject({ code: 0, err: '' });
      const restored = await storeOf(into);
      const histories = [
        await store.interactions.history('ann', 100),
        await restored.interactions.history('ann', 100),
      ];
      expect(histories[1]).toEqual(histories[0]);
      await restored.close();
    }
    await store.close();
    expect((await stillhouse(['verify'], 'two')).out).toMatch(
      /^All is sound: the database, and [1-9]\d* stored versions\./,
    );
    expect((await stillhouse(['verify'], 'three')).out).toBe(
      'All is sound: the database, and 0 stored versions.\n',
    );
    expect((await readdir(folder)).filter((name) => name.endsWith('.partial'))).toEqual([]);
  });

  it.each([['verify'], ['backup', 'x.tar']])(
    '%s of a folder without an installation is refused, and makes none',
    async (...args) => {
      const { code, err } = await stillhouse(args, 'mistyped');
      expect([code, err.trim()]).toEqual([
        1,
        `There is no installation: ${path.join(dataDir('mistyped'), 'stillhouse.db')} does not exist. Check DATA_DIR and DATABASE_URL.`,
      ]);
      expect(await readdir(folder)).toEqual([]);
    },
  );

  it('verify names a damaged file, and backup leaves nothing of itself', async () => {
    const files = await publishVersion('one');
    await truncate(path.join(files, 'weights'), 99);
    const { code, out, err } = await stillhouse(['verify']);
    expect([code, err]).toEqual([1, '1 fault was found.\n']);
    expect(out).toBe('Version 1 of movies is damaged: weights has 99 bytes instead of 100\n');
    const backup = await stillhouse(['backup', path.join(folder, 'x.tar')]);
    expect(backup.code).toBe(1);
    expect(backup.err).toContain('Version 1 of movies is damaged');
    expect(await readdir(folder)).toEqual(['one']);
  });

  it('verify finds a damaged database', async () => {
    const store = await storeOf('one');
    await liveIn(store);
    await store.close();
    const name = path.join(dataDir('one'), 'stillhouse.db');
    const database = new Database(name);
    const [root, bytes] = [
      database
        .prepare("SELECT rootpage FROM sqlite_schema WHERE name = 'interactions'")
        .pluck()
        .get() as number,
      database.pragma('page_size', { simple: true }) as number,
    ];
    database.close();
    const file = await open(name, 'r+');
    await file.write(Buffer.alloc(bytes, 0xff), 0, bytes, (root - 1) * bytes);
    await file.close();
    const { code, out, err } = await stillhouse(['verify']);
    expect(code).toBe(1);
    expect(out + err).toMatch(/damaged|malformed/);
  });
});
