// @ts-check
// Native addons are compiled in a temporary copy, kept in the cache, and put into node_modules by one rename:
// after an `npm ci` they come back in milliseconds, and a running process never sees half of one.
import { existsSync, readdirSync } from 'node:fs';
import { cp, mkdir } from 'node:fs/promises';
import { constants } from 'node:os';
import { dirname, join } from 'node:path';
import { answerOf, npmTools, run } from './commands.mjs';
import { copyAtomically, readJson, withTemporaryFolder } from './files.mjs';
import { cacheFolder, packageFolder } from './paths.mjs';

/** @param {string} packageName the version of the installed package, if it is there */
export function installedVersion(packageName) {
  return readJson(join(packageFolder(packageName), 'package.json'))?.version;
}

/** What a compiled addon depends on besides its sources. */
export function runtimeKey() {
  return `abi${process.versions.modules}-${process.platform}-${process.arch}${isMusl() ? '-musl' : ''}`;
}

export function isMusl() {
  return process.platform === 'linux' && readdirSync('/lib').some((name) => name.startsWith('ld-musl-'));
}

/** @param {string} key */
export function cachedAddon(key) {
  return join(cacheFolder(), 'addons', `${key}.node`);
}

/** Loads it in a process of its own: a bad addon may crash. RTLD_NOW finds missing symbols too. @param {string} file */
export function loads(file) {
  const script = `process.dlopen({ exports: {} }, process.argv[1], ${constants.dlopen.RTLD_NOW})`;
  return existsSync(file) && answerOf(process.execPath, ['-e', script, file]) !== undefined;
}

/**
 * @param {string} packageName @param {string} key its name in the cache
 * @param {{ members?: string[], make: (folder: string) => Promise<string> }} recipe
 *   members: what is copied of the package (all by default); make: builds in that copy and names the product
 */
export async function buildIntoCache(packageName, key, { members, make }) {
  await withTemporaryFolder(async (folder) => {
    const source = packageFolder(packageName);
    if (!members)
      await cp(source, folder, { recursive: true, filter: (path) => path !== join(source, 'build') });
    for (const member of members ?? [])
      await cp(join(source, member), join(folder, member), { recursive: true });
    const product = await make(folder);
    await mkdir(dirname(cachedAddon(key)), { recursive: true });
    await copyAtomically(product, cachedAddon(key));
  });
}

/** @param {string} folder @param {string} log @param {string[]} [variables] */
export async function nodeGypRebuild(folder, log, variables = []) {
  const args = [npmTools().nodeGyp, 'rebuild', '--release', '--jobs=max', ...headers(), ...variables];
  await run(process.execPath, args, { cwd: folder, log });
}

/** Node's own headers when they are installed; node-gyp downloads them otherwise. */
function headers() {
  const prefixes = [dirname(dirname(process.execPath)), '/usr'];
  const found = prefixes.find((prefix) => existsSync(join(prefix, 'include/node/node_api.h')));
  return found ? [`--nodedir=${found}`] : [];
}
