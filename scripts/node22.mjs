#!/usr/bin/env node
// @ts-check
// Runs tests on Node 22 (or STILLHOUSE_NODE, such as 24.22.3) in a copy of the checkout, whose native addons are made for it:
//
//   npm run test:node22                    the part of the suite that is quick
//   npm run test:node22 -- test/store      these
import { spawnSync } from 'node:child_process';
import { existsSync, mkdirSync, rmSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { cacheFolder, projectRoot, runtimeFolder } from './setup/paths.mjs';
import { npm } from './supply/npm.mjs';

/** The newest of the line that this was tried with. */
const VERSION = process.env.STILLHOUSE_NODE ?? '22.23.5';
/** Tests of native addons, threads, child processes and streams, which a new Node breaks first. */
const QUICK = [
  'test/core',
  'test/store/sqlite.test.ts',
  'test/tensor',
  'test/artifact',
  'test/http/serving.test.ts',
];

const program = provideNode();
const copy = join(runtimeFolder, `node-${VERSION}`);
rmSync(copy, { recursive: true, force: true });
mkdirSync(copy, { recursive: true });
const files = run('git', ['ls-files', '-co', '--exclude-standard'], projectRoot, 'pipe').stdout.trim();
// Links, not copies: set-up replaces files by renaming, which leaves the first as it is.
run('sh', ['-c', `cp -al --parents node_modules dist $0 2>/dev/null || cp -a node_modules dist $0`, copy]);
run('sh', ['-c', 'xargs -d "\\n" cp --parents -t "$0"', copy], projectRoot, 'inherit', files);
const env = { ...process.env, PATH: `${dirname(program)}:${process.env.PATH}` };
const setUp = run(program, ['scripts/setup.mjs', '--only=sqlite'], copy, 'inherit', undefined, env);
const asked = process.argv.slice(2);
const tests = ['node_modules/vitest/vitest.mjs', 'run', ...(asked.length > 0 ? asked : QUICK)];
const { status } = setUp.status === 0 ? run(program, tests, copy, 'inherit', undefined, env) : setUp;
console.log(`Node ${VERSION}: ${status === 0 ? 'passed' : 'FAILED'}`);
process.exitCode = status === 0 ? 0 : 1;

/** Node's own binary as npm carries it. @returns {string} its path */
function provideNode() {
  const name = `node-${process.platform}-${process.arch}`;
  const folder = join(cacheFolder(), 'node', `${name}-${VERSION}`);
  const file = join(folder, 'package/bin/node');
  if (existsSync(file)) return file;
  mkdirSync(folder, { recursive: true });
  const { stdout, stderr, status } = npm([
    'pack',
    '--silent',
    '--pack-destination',
    folder,
    `${name}@${VERSION}`,
  ]);
  if (status !== 0) throw new Error(`${name}@${VERSION} could not be had: ${stderr.trim()}`);
  run('tar', ['-xzf', join(folder, stdout.trim()), '-C', folder]);
  return file;
}

/**
 * @param {string} command @param {string[]} args @param {string} [cwd] @param {'inherit' | 'pipe'} [output]
 * @param {string} [input] @param {NodeJS.ProcessEnv} [env]
 */
function run(command, args, cwd = projectRoot, output = 'inherit', input, env = process.env) {
  return spawnSync(command, args, {
    ...{ cwd, env, input, encoding: 'utf8', maxBuffer: 1 << 28 },
    stdio: [input === undefined ? 'ignore' : 'pipe', output, 'inherit'],
  });
}
