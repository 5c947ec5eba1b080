// @ts-check
import { homedir } from 'node:os';
import { join, resolve } from 'node:path';
import { fileURLToPath } from 'node:url';

export const projectRoot = resolve(fileURLToPath(new URL('../..', import.meta.url)));

/** What one checkout remembers between runs; ignored by git. */
export const runtimeFolder = join(projectRoot, '.runtime');

/** Downloads and built addons that every checkout of this user shares. */
export function cacheFolder(env = process.env) {
  if (env.STILLHOUSE_CACHE) return resolve(env.STILLHOUSE_CACHE);
  if (env.XDG_CACHE_HOME) return resolve(env.XDG_CACHE_HOME, 'stillhouse');
  return join(homedir(), '.cache', 'stillhouse');
}

/** @param {string} name */
export function packageFolder(name) {
  return join(projectRoot, 'node_modules', name);
}
