// @ts-check
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import {
  buildIntoCache,
  cachedAddon,
  installedVersion,
  loads,
  nodeGypRebuild,
  runtimeKey,
} from './addon.mjs';
import { CommandFailure, run } from './commands.mjs';
import { copyAtomically, fingerprint } from './files.mjs';
import { packageFolder } from './paths.mjs';
import { requireCompiler } from './prerequisites.mjs';
import { SetupProblem } from './problem.mjs';

const packageName = 'better-sqlite3';
const product = 'build/Release/better_sqlite3.node';
const prebuiltTimeoutMs = 20_000;

/** @type {import('./step.mjs').Step} */
export const sqliteStep = {
  name: 'sqlite',
  isDone: ({ state }) => state.done.sqlite === doneKey(),
  async run({ state, env }) {
    const note = await provide(env);
    state.done.sqlite = doneKey();
    return note;
  },
};

const addonKey = () => `${packageName}-${installedVersion(packageName)}-${runtimeKey()}`;
const addonFile = () => join(packageFolder(packageName), product);
const doneKey = () => `${addonKey()} ${fingerprint(addonFile())}`;

/** @param {NodeJS.ProcessEnv} env */
async function provide(env) {
  if (loads(addonFile())) return 'SQLite driver was there';
  if (await placeCached()) return 'SQLite driver from the cache';
  const how = await make(env);
  if (await placeCached()) return how;
  throw new SetupProblem(`The SQLite driver was built and does not load; ${addonFile()} is the file.`);
}

async function placeCached() {
  if (!existsSync(cachedAddon(addonKey()))) return false;
  await copyAtomically(cachedAddon(addonKey()), addonFile());
  return loads(addonFile());
}

/** @param {NodeJS.ProcessEnv} env */
async function make(env) {
  try {
    await buildIntoCache(packageName, addonKey(), { make: (folder) => downloadPrebuilt(folder, env) });
    return 'SQLite driver downloaded';
  } catch {
    requireCompiler('to compile the SQLite driver, whose prebuilt file could not be had');
  }
  try {
    await buildIntoCache(packageName, addonKey(), { make: compile });
    return 'SQLite driver compiled';
  } catch (error) {
    const ending = error instanceof CommandFailure ? `\n${error.ending}` : '';
    throw new SetupProblem(
      `The SQLite driver could not be compiled: ${/** @type {Error} */ (error).message}${ending}`,
    );
  }
}

/** @param {string} folder @param {NodeJS.ProcessEnv} env */
async function downloadPrebuilt(folder, env) {
  if (env.npm_config_offline === 'true') throw new Error('offline');
  const script = join(packageFolder('prebuild-install'), 'bin.js');
  await run(process.execPath, [script], {
    cwd: folder,
    log: 'sqlite-prebuilt',
    timeoutMs: prebuiltTimeoutMs,
  });
  const file = join(folder, product);
  if (!loads(file)) throw new Error('The prebuilt file does not fit this system.');
  return file;
}

/** @param {string} folder */
async function compile(folder) {
  await nodeGypRebuild(folder, 'sqlite-build');
  return join(folder, product);
}
