// @ts-check
import { spawn, spawnSync } from 'node:child_process';
import {
  accessSync,
  closeSync,
  constants,
  existsSync,
  mkdirSync,
  openSync,
  readFileSync,
  realpathSync,
} from 'node:fs';
import { delimiter, dirname, join, relative } from 'node:path';
import { projectRoot, runtimeFolder } from './paths.mjs';
import { SetupProblem } from './problem.mjs';

/**
 * Runs a program with its output in `.runtime/logs/<log>.log`; a failure shows the end of that log.
 * @param {string} program @param {string[]} args
 * @param {{ log: string, cwd?: string, env?: NodeJS.ProcessEnv, timeoutMs?: number }} options
 * @returns {Promise<void>}
 */
export function run(program, args, { log, cwd = projectRoot, env = process.env, timeoutMs }) {
  const logFile = join(runtimeFolder, 'logs', `${log}.log`);
  mkdirSync(dirname(logFile), { recursive: true });
  const output = openSync(logFile, 'w');
  return new Promise((resolve, reject) => {
    const child = spawn(program, args, { cwd, env, timeout: timeoutMs, stdio: ['ignore', output, output] });
    closeSync(output);
    child.once('error', (error) =>
      reject(new CommandFailure(`${program} did not start: ${error.message}`, '')),
    );
    child.once('close', (code, signal) => {
      if (code === 0) return resolve();
      const ending = readFileSync(logFile, 'utf8').trimEnd().split('\n').slice(-15).join('\n');
      reject(
        new CommandFailure(`${log} ended with ${code ?? signal} (${relative(projectRoot, logFile)})`, ending),
      );
    });
  });
}

export class CommandFailure extends Error {
  /** @param {string} message @param {string} ending the last lines of what the program printed */
  constructor(message, ending) {
    super(message);
    this.ending = ending;
  }
}

/** @param {string} program @param {string[]} args the program's answer, or undefined when it fails */
export function answerOf(program, args) {
  const { status, stdout } = spawnSync(program, args, { encoding: 'utf8', timeout: 20_000 });
  return status === 0 ? stdout : undefined;
}

/** @param {string} name absolute path of a program on PATH */
export function findProgram(name, path = process.env.PATH ?? '') {
  for (const folder of path.split(delimiter)) {
    const file = join(folder, name);
    try {
      accessSync(file, constants.X_OK);
      return file;
    } catch {}
  }
  return undefined;
}

/** @returns {{ script: string, nodeGyp: string }} npm's own script, to be run by this Node, and the node-gyp inside npm */
export function npmTools() {
  const candidates = [
    process.env.npm_execpath,
    join(dirname(dirname(process.execPath)), 'lib/node_modules/npm/bin/npm-cli.js'),
    realpathOf(findProgram('npm')),
  ];
  for (const script of candidates) {
    // npm_execpath is another package manager's when that one started us.
    if (!script?.endsWith('npm-cli.js') || !existsSync(script)) continue;
    return { script, nodeGyp: join(script, '../../node_modules/node-gyp/bin/node-gyp.js') };
  }
  throw new SetupProblem('npm was not found beside Node or on PATH; it installs the packages.');
}

/** @param {string | undefined} file */
function realpathOf(file) {
  return file && realpathSync(file);
}
