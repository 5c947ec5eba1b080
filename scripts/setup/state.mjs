// @ts-check
import { mkdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { readJson, writeAtomically } from './files.mjs';
import { runtimeFolder } from './paths.mjs';

/**
 * `.runtime/setup.json`, read by the service and by tests:
 * @typedef {object} SetupState
 * @property {string | null} redisServer absolute path of a Redis or Valkey server >= 6.2 to start privately;
 *   null only when REDIS_URL was set and no server was at hand
 * @property {{ backend: 'native' | 'wasm', library?: 'cpu' | 'cuda', reason?: string }} tensor what training can run on;
 *   `reason` is one sentence saying why it is not native
 * @property {Record<string, string>} done per step, what it was done for (only set-up reads this)
 */

const file = join(runtimeFolder, 'setup.json');

/** @returns {SetupState} */
export function readState() {
  const unfinished = {
    redisServer: null,
    tensor: { backend: 'wasm', reason: 'Set-up has not run.' },
    done: {},
  };
  return { ...unfinished, ...readJson(file) };
}

/** @param {SetupState} state */
export async function saveState(state) {
  await writeAtomically(file, `${JSON.stringify(state, null, 2)}\n`);
}

/**
 * One set-up at a time in a checkout: two `npm ci` in one folder break each other.
 * @template T @param {() => Promise<T>} work @param {(line: string) => void} print
 */
export async function whileLocked(work, print) {
  const lock = join(runtimeFolder, 'setup.lock');
  mkdirSync(runtimeFolder, { recursive: true });
  for (let tries = 0; !takeLock(lock); tries++) {
    if (tries === 0) print('waiting for another set-up of this folder');
    await sleep(200);
  }
  try {
    return await work();
  } finally {
    rmSync(lock, { force: true });
  }
}

/** @param {string} lock */
function takeLock(lock) {
  try {
    writeFileSync(lock, String(process.pid), { flag: 'wx' });
    return true;
  } catch {
    if (!isRunning(lock)) rmSync(lock, { force: true });
    return false;
  }
}

/** @param {string} lock */
function isRunning(lock) {
  try {
    const owner = readFileSync(lock, 'utf8');
    // Empty: its owner is between creating and writing it.
    if (owner) process.kill(Number(owner), 0);
    return true;
  } catch (error) {
    return /** @type {NodeJS.ErrnoException} */ (error).code === 'EPERM';
  }
}
