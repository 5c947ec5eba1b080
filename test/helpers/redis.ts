import { accessSync, constants, existsSync, mkdtempSync, readFileSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type PrivateRedis, startPrivateRedis } from '../../src/bin/all-in-one/private-redis.ts';

const PROJECT = path.resolve(import.meta.dirname, '../..');

export interface TestRedis {
  url: string;
  /** Stops the server as an operator would. */
  stop(): Promise<void>;
  /** Starts it again on the same socket and data. */
  start(): Promise<void>;
  /** Makes it hang without closing its connections. */
  pause(): void;
  resume(): void;
  /** kill -9 */
  kill(): Promise<void>;
  /** Stops the server and removes its data. */
  close(): Promise<void>;
}

/** A real Redis server of its own for a test file. It dies with the test process. */
export async function startTestRedis(): Promise<TestRedis> {
  const server = findRedisServer();
  const dir = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-redis-'));
  let redis: PrivateRedis = await startPrivateRedis({ server, dir });
  return {
    url: redis.url,
    stop: () => redis.stop(),
    async start() {
      redis = await startPrivateRedis({ server, dir });
    },
    pause: () => process.kill(redis.pid, 'SIGSTOP'),
    resume: () => process.kill(redis.pid, 'SIGCONT'),
    async kill() {
      process.kill(redis.pid, 'SIGKILL');
      await redis.exited;
    },
    async close() {
      await redis.stop();
      rmSync(dir, { recursive: true, force: true });
    },
  };
}

/** The server that set-up found, else one on PATH. Tests that need Redis fail without one; they are never skipped. */
export function findRedisServer(): string {
  const setup = path.join(PROJECT, '.runtime/setup.json');
  if (existsSync(setup)) {
    const { redisServer } = JSON.parse(readFileSync(setup, 'utf8')) as { redisServer: string | null };
    if (redisServer && existsSync(redisServer)) return redisServer;
  }
  for (const folder of (process.env.PATH ?? '').split(path.delimiter)) {
    for (const name of ['redis-server', 'valkey-server']) {
      const file = path.join(folder, name);
      if (isExecutable(file)) return file;
    }
  }
  throw new Error('These tests need a redis-server: run `npm run setup` first, or put one on PATH.');
}

function isExecutable(file: string): boolean {
  try {
    accessSync(file, constants.X_OK);
    return true;
  } catch {
    return false;
  }
}
