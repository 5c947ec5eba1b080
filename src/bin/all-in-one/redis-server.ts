import { spawnSync } from 'node:child_process';
import { existsSync, readFileSync } from 'node:fs';
import { projectFile } from '../../core/project-file.ts';

/**
 * The server that set-up found, else one on PATH.
 * @throws Error that says what to do when there is none
 */
export function findRedisServer(): string {
  const found = serverOfSetup();
  if (found && existsSync(found)) return found;
  for (const name of ['redis-server', 'valkey-server']) {
    if (spawnSync(name, ['--version']).status === 0) return name;
  }
  throw new Error('There is no Redis server: run `npm run setup`, or set REDIS_URL to the address of one.');
}

function serverOfSetup(): string | null {
  const setup = projectFile('.runtime/setup.json');
  if (setup === undefined) return null;
  const { redisServer } = JSON.parse(readFileSync(setup, 'utf8')) as { redisServer?: string | null };
  return redisServer ?? null;
}
