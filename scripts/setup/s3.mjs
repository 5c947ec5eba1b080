// @ts-check
// An S3 server for the tests of the object store. Only they need one, so set-up leaves it alone.
import { existsSync } from 'node:fs';
import { mkdir, rm } from 'node:fs/promises';
import { join } from 'node:path';
import { findProgram, run } from './commands.mjs';
import { copyAtomically, withTemporaryFolder } from './files.mjs';
import { cacheFolder } from './paths.mjs';
import { requirePip } from './prerequisites.mjs';
import { SetupProblem } from './problem.mjs';

/**
 * versitygw keeps objects as files and is a server of its own kind; moto's is a double in Python that forgets all when it ends.
 * @typedef {{ kind: 'versitygw' | 'moto', program: string }} S3Server
 */

/** An S3 gateway over a folder, under Apache 2. */
const gateway = { module: 'github.com/versity/versitygw/cmd/versitygw', version: 'v1.8.0' };
const moto = { requirement: 'moto[server]==5.2.5', folder: 'moto-5.2.5' };
/** Time for the build: what is not there by then is left for the next time; Go keeps what it has compiled. */
const buildMs = 60_000;
const installMs = 60_000;

const builtGateway = () => join(cacheFolder(), 'versitygw', gateway.version, 'versitygw');
const motoIn = (/** @type {string} */ folder) => join(folder, 'bin', 'moto_server');
const installedMoto = () => motoIn(join(cacheFolder(), moto.folder));

/** @returns {S3Server | null} the best that is at hand */
export function findS3Server(env = process.env) {
  const program = findProgram('versitygw', env.PATH) ?? builtGateway();
  if (existsSync(program)) return { kind: 'versitygw', program };
  if (existsSync(installedMoto())) return { kind: 'moto', program: installedMoto() };
  return null;
}

/**
 * Like `findS3Server`, but builds versitygw where Go is, or fetches moto.
 * @returns {Promise<{ server: S3Server, why?: string }>} `why` says what keeps versitygw away
 * @throws SetupProblem that says what to install
 */
export async function provideS3Server() {
  const found = findS3Server();
  if (found?.kind === 'versitygw') return { server: found };
  const why = await buildGateway().then(
    () => undefined,
    (error) => `versitygw could not be built: ${reasonOf(error)}`,
  );
  if (!why) return { server: { kind: 'versitygw', program: builtGateway() } };
  if (found) return { server: found, why };
  try {
    await installMoto();
  } catch (error) {
    throw new SetupProblem(`${why}; moto could not be installed: ${reasonOf(error)}`);
  }
  return { server: { kind: 'moto', program: installedMoto() }, why };
}

async function buildGateway() {
  const usual = '/usr/local/go/bin/go';
  const go = findProgram('go') ?? (existsSync(usual) ? usual : undefined);
  if (!go) throw new SetupProblem('there is no Go');
  await withTemporaryFolder(async (folder) => {
    await run(go, ['install', '-ldflags=-s -w', `${gateway.module}@${gateway.version}`], {
      log: 'versitygw-build',
      env: { ...process.env, GOBIN: folder },
      timeoutMs: buildMs,
    });
    await mkdir(join(builtGateway(), '..'), { recursive: true });
    await copyAtomically(join(folder, 'versitygw'), builtGateway());
  });
}

async function installMoto() {
  requirePip(`to download ${moto.requirement}`);
  const folder = join(cacheFolder(), moto.folder);
  try {
    // Its scripts name the folder that they were made in, so it is not made aside and renamed.
    await run('python3', ['-m', 'venv', folder], { log: 'moto-venv', timeoutMs: installMs });
    const pip = ['-m', 'pip', 'install', '-q', '--timeout', '10', '--retries', '1', moto.requirement];
    await run(join(folder, 'bin', 'python'), pip, { log: 'moto-install', timeoutMs: installMs });
  } catch (error) {
    await rm(folder, { recursive: true, force: true });
    throw error;
  }
}

/** @param {unknown} error */
function reasonOf(error) {
  return error instanceof Error ? error.message : String(error);
}
