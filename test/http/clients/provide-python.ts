import { execFile } from 'node:child_process';
import { createHash } from 'node:crypto';
import { existsSync } from 'node:fs';
import { mkdir, mkdtemp, readFile, rename, rm } from 'node:fs/promises';
import path from 'node:path';
import { promisify } from 'node:util';
import { cacheFolder } from '../../../scripts/setup/paths.mjs';

const run = promisify(execFile);
const requirements = path.join(import.meta.dirname, 'requirements.txt');
/** Without one PyPI is away: a firewall that drops packets would keep the tests for minutes. */
const TIMEOUT = ['--timeout', '10', '--retries', '1'];

/**
 * A Python with openapi-python-client, made once per user and list of requirements.
 * @throws Error that says why there is none: no Python, or no PyPI
 */
export async function providePython(): Promise<string> {
  const system = process.platform === 'win32' ? 'python' : 'python3';
  const { stdout: version } = await run(system, ['-c', 'import sys; print(sys.version)']);
  const wanted = createHash('sha256')
    .update(await readFile(requirements))
    .update(version)
    .digest('hex');
  const cache = cacheFolder();
  const folder = path.join(cache, `openapi-python-client-${wanted.slice(0, 16)}`);
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
