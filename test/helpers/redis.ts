import { mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { type PrivateRedis, startPrivateRedis } from '../../src/bin/all-in-one/private-redis.ts';
import { findRedisServer } from '../../src/bin/all-in-one/redis-server.ts';

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

/**
 * A real Redis server of its own for a test file; it dies with the test process. Without a server the tests fail:
 * they are never skipped.
 */
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
