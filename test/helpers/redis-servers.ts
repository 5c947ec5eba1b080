import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { Redis } from 'ioredis';
import { findRedisServer } from '../../src/bin/all-in-one/redis-server.ts';
import { eventually } from './eventually.ts';
import { findFreePort } from './service.ts';

/** Ends the server when the test process is gone. */
const WITH_PARENT = 'exec 3<&0; "$@" & server=$!; (cat <&3 > /dev/null; kill -9 $server) & wait $server';

export interface RedisServer {
  port: number;
  /** A connection for the test itself. */
  client: Redis;
  /** kill -9. */
  kill(): Promise<void>;
}

/** Real Redis servers on ports of loopback, of a test file: with passwords, Sentinels or as a cluster. */
export function createRedisServers() {
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-redis-'));
  const servers: RedisServer[] = [];

  async function start(
    settings: Record<string, string>,
    lines?: (port: number) => string,
  ): Promise<RedisServer> {
    const port = await findFreePort();
    const dir = mkdtempSync(path.join(folder, 'server-'));
    const pairs = { port: String(port), bind: '127.0.0.1', dir, save: '""', ...settings };
    const file = path.join(dir, 'redis.conf');
    const text = Object.entries(pairs).map(([name, value]) => `${name} ${value}\n`);
    writeFileSync(file, `${text.join('')}${lines?.(port) ?? ''}`);
    const isSentinel = lines !== undefined;
    const shell: ChildProcess = spawn(
      'sh',
      ['-c', WITH_PARENT, 'sh', findRedisServer(), file, ...(isSentinel ? ['--sentinel'] : [])],
      { stdio: ['pipe', 'ignore', 'ignore'] },
    );
    const client = new Redis({
      port,
      ...(settings.requirepass !== undefined && { password: settings.requirepass }),
      retryStrategy: (attempt) => Math.min(50 * attempt, 500),
    });
    client.on('error', () => {});
    await eventually('the Redis server answers', () => client.ping().catch(() => null));
    const server = {
      port,
      client,
      async kill() {
        client.disconnect();
        if (shell.exitCode !== null) return;
        shell.stdin?.end();
        await once(shell, 'exit');
      },
    };
    servers.push(server);
    return server;
  }

  return {
    start,
    async close() {
      for (const server of servers) await server.kill();
      rmSync(folder, { recursive: true, force: true });
    },
  };
}
