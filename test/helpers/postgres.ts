import { type ChildProcess, execFileSync, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { chownSync, cpSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { setTimeout } from 'node:timers/promises';
import pg from 'pg';
import { findPostgres } from '../../scripts/setup/postgres.mjs';

export interface TestPostgres {
  /**
   * Creates an empty database and answers with its address.
   * @param tables an empty folder of `POSTGRES_USER` for its files; its log stays with the server
   */
  createDatabase(tables?: string): Promise<string>;
  /**
   * Answers with an address at which there are no tables yet, as in an empty database: they go into a schema of their own.
   * That is many times faster than a database, whose three hundred files must be written and removed.
   */
  createSchema(): Promise<string>;
  /** kill -9 of the server; what it had acknowledged must be there after `start`. */
  kill(): Promise<void>;
  stop(): Promise<void>;
  start(): Promise<void>;
  /** Stops the server and removes its data. */
  close(): Promise<void>;
}

/** The server refuses to run as root. */
const NOBODY = 65_534;
const asUser = process.geteuid?.() === 0 ? { uid: NOBODY, gid: NOBODY } : {};
export const POSTGRES_USER = asUser.uid ?? process.geteuid?.();

/**
 * QUIT: at once, without writing out what is thrown away next. The shell ends with the server, and ends the server when its
 * own input ends, which the system sees to when the test process dies.
 */
const WITH_PARENT =
  'exec 3<&0; "$@" & server=$!; (cat <&3 > /dev/null; kill -QUIT $server) & watch=$!; wait $server; kill $watch';

/**
 * A real server of its own for a test file, on a socket in its own folder.
 * @param durable with fsync, for tests that kill it; without, each transaction is many times faster
 */
export async function startTestPostgres({ durable = false } = {}): Promise<TestPostgres> {
  const found = findPostgres();
  if (!found) throw new Error('There is no PostgreSQL 14 or newer here');
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-pg-'));
  if (asUser.uid !== undefined) chownSync(folder, asUser.uid, asUser.gid);
  const programs = usableBy(found, folder);
  const data = path.join(folder, 'data');
  const options = { ...asUser, cwd: folder, env: { ...process.env, HOME: folder, LC_ALL: 'C' } };
  execFileSync(
    path.join(programs, 'initdb'),
    ['-D', data, '-U', 'stillhouse', '-A', 'trust', '-E', 'UTF8', '--locale=C', '--no-sync'],
    { ...options, stdio: 'pipe' },
  );
  const settings = { listen_addresses: '', unix_socket_directories: folder, fsync: durable ? 'on' : 'off' };
  const args = Object.entries(settings).flatMap(([name, value]) => ['-c', `${name}=${value}`]);
  let shell: ChildProcess;
  let databases = 0;
  let schemas = 0;

  const url = (database: string) => `postgres://stillhouse@localhost/${database}?host=${folder}`;

  async function start() {
    const command = [path.join(programs, 'postgres'), '-D', data, ...args];
    const deadline = Date.now() + 30_000;
    // After a kill -9 it refuses to start as long as a process of its predecessor still holds the shared memory.
    do {
      shell = spawn('sh', ['-c', WITH_PARENT, 'sh', ...command], {
        ...options,
        stdio: ['pipe', 'ignore', 'ignore'],
      });
    } while (!(await answers(url('postgres'), shell, deadline)));
  }

  async function stop() {
    if (shell.exitCode !== null) return;
    const ended = once(shell, 'exit');
    shell.stdin?.end();
    await ended;
  }

  await start();
  return {
    async createDatabase(tables) {
      const name = `test_${++databases}`;
      if (tables) await query(url('postgres'), `CREATE TABLESPACE of_${name} LOCATION '${tables}'`);
      await query(url('postgres'), `CREATE DATABASE ${name}${tables ? ` TABLESPACE of_${name}` : ''}`);
      return url(name);
    },
    async createSchema() {
      const name = `test_schema_${++schemas}`;
      await query(url('postgres'), `CREATE SCHEMA ${name}`);
      return `${url('postgres')}&options=${encodeURIComponent(`-c search_path=${name}`)}`;
    },
    async kill() {
      process.kill(Number(readFileSync(path.join(data, 'postmaster.pid'), 'utf8').split('\n')[0]), 'SIGKILL');
      await stop();
    },
    stop,
    start,
    async close() {
      await stop();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}

/** The other user may have no way into the folder where a downloaded server lies, such as root's home. */
function usableBy(programs: string, folder: string): string {
  if (spawnSync(path.join(programs, 'postgres'), ['--version'], asUser).status === 0) return programs;
  cpSync(path.dirname(programs), path.join(folder, 'server'), { recursive: true, verbatimSymlinks: true });
  return path.join(folder, 'server', path.basename(programs));
}

/** False when the server has ended instead. */
async function answers(url: string, server: ChildProcess, deadline: number): Promise<boolean> {
  for (;;) {
    try {
      await query(url, 'SELECT 1');
      return true;
    } catch (error) {
      if (Date.now() > deadline) throw error;
      await setTimeout(25);
      if (server.exitCode !== null) return false;
    }
  }
}

async function query(url: string, text: string): Promise<void> {
  const client = new pg.Client({ connectionString: url });
  client.on('error', () => {});
  await client.connect();
  try {
    await client.query(text);
  } finally {
    await client.end();
  }
}
