import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../scripts/setup/paths.mjs';
import { messageOf } from '../../src/core/errors.ts';

const run = promisify(execFile);
/** Without one PyPI is away: a firewall that drops packets would keep the tests for minutes. */
const TIMEOUT = ['--timeout', '10', '--retries', '1'];

/**
 * A Python with packages of PyPI, made once per user and list of requirements. In CI a missing Python is a failure.
 * @param name of the environment, for people
 * @param requirements file with the packages
 * @param what cannot be tested without it, for the warning
 * @returns the path of the Python, and nothing to say; or no path, and why: no Python, or no PyPI
 */
export async function findPython(
  name: string,
  requirements: string,
  what: string,
): Promise<{ python?: string; why: string }> {
  try {
    return { python: await providePython(name, requirements), why: '' };
  } catch (error) {
    if (process.env.CI) throw error;
    const why = ` NOT TESTED: ${messageOf(error).split('\n')[0]}`;
    console.warn(`${what} is${why}`);
    return { why };
  }
}

async function providePython(name: string, requirements: string): Promise<string> {
  const system = process.platform === 'win32' ? 'python' : 'python3';
  const { stdout: version } = await run(system, ['-c', 'import sys; print(sys.version)']);
  const wanted = createHash('sha256')
    .update(await readFile(requirements))
    .update(version)
    .digest('hex');
  const cache = cacheFolder();
  const folder = path.join(cache, `${name}-${wanted.slice(0, 16)}`);
  const pythonIn = (venv: string) =>
    path.join(venv, ...(process.platform === 'win32' ? ['Scripts', 'python.exe'] : ['bin', 'python']));
  if (existsSync(folder)) return pythonIn(folder);
  await mkdir(cache, { recursive: true });
  // Made aside, so that whoever looks meanwhile finds all of it or nothing.
  const made = await mkdtemp(path.join(cache, 'venv-'));
  try {
    await run(system, ['-m', 'venv', made]);
    await run(pythonIn(made), ['-m', 'pip', 'install', '-q', ...TIMEOUT, '-r', requirements]);
    await rename(made, folder);
  } catch (error) {
    // Another process may have been faster.
    if (!existsSync(folder)) throw error;
  } finally {
    await rm(made, { recursive: true, force: true });
  }
  return pythonIn(folder);
}
