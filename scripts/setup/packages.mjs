// @ts-check
import { join } from 'node:path';
import { CommandFailure, npmTools, run } from './commands.mjs';
import { readJson } from './files.mjs';
import { projectRoot } from './paths.mjs';
import { SetupProblem } from './problem.mjs';

/** @type {import('./step.mjs').Step} */
export const packagesStep = {
  name: 'packages',
  isDone: () => missingPackages().length === 0,
  async run() {
    await install();
    return 'npm ci, the lock file or node_modules had changed';
  },
};

async function install() {
  const { script } = npmTools();
  const flags = ['--ignore-scripts', '--include=dev', '--prefer-offline', '--no-audit', '--no-fund'];
  try {
    // The log level leaves npm's usage text out of a failure.
    await run(process.execPath, [script, 'ci', ...flags, '--loglevel=error'], { log: 'npm-ci' });
  } catch (error) {
    if (!(error instanceof CommandFailure)) throw error;
    throw new SetupProblem(`The packages could not be installed: ${error.message}\n${error.ending}`);
  }
}

/**
 * Compares the lock file with npm's own record of what it installed, so that an install made by hand counts too.
 * @returns {string[]}
 */
function missingPackages() {
  const wanted = readJson(join(projectRoot, 'package-lock.json'))?.packages ?? {};
  // npm writes this file last: after an interrupted install it is not there.
  const installed = readJson(join(projectRoot, 'node_modules/.package-lock.json'))?.packages;
  if (!installed) return ['node_modules'];
  return Object.entries(wanted)
    .filter(([path, entry]) => path !== '' && !isInstalled(entry, installed[path]))
    .map(([path]) => path);
}

/** @param {any} wanted @param {any} found */
function isInstalled(wanted, found) {
  // Optional packages are missing where they do not fit the platform.
  return found
    ? found.version === wanted.version && found.integrity === wanted.integrity
    : Boolean(wanted.optional);
}
