// @ts-check
import { spawnSync } from 'node:child_process';
import { projectRoot } from '../setup/paths.mjs';

/** Runs npm in the checkout. @param {string[]} args */
export function npm(args) {
  const program = process.platform === 'win32' ? 'npm.cmd' : 'npm';
  const { stdout, stderr, status, error } = spawnSync(program, args, {
    cwd: projectRoot,
    encoding: 'utf8',
    maxBuffer: 1 << 28,
    shell: process.platform === 'win32',
    timeout: 120_000,
  });
  return { stdout: stdout ?? '', stderr: error ? error.message : stderr, status };
}
