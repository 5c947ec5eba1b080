// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { rm } from 'node:fs/promises';
import { join, sep } from 'node:path';
import { CommandFailure, run } from './commands.mjs';
import { bundleConsole, isConsoleBundled } from './console.mjs';
import { packageFolder, projectRoot } from './paths.mjs';
import { SetupProblem } from './problem.mjs';

const sourceFolder = join(projectRoot, 'src');
const outputFolder = join(projectRoot, 'dist');

/** @type {import('./step.mjs').Step} */
export const buildStep = {
  name: 'build',
  isDone: ({ state }) =>
    state.done.build === sourceHash() && missingOutputs().length === 0 && isConsoleBundled(),
  async run({ state }) {
    const hash = sourceHash();
    await removeStaleOutputs();
    // tsc trusts its build info and would not write again what somebody deleted.
    if (missingOutputs().length > 0) await rm(join(outputFolder, '.tsbuildinfo'), { force: true });
    await Promise.all([compile(), bundleConsole()]);
    state.done.build = hash;
    return `TypeScript into dist/, ${sourceFiles().length} files, and the console`;
  },
};

/** Types are checked by `npm test`, not here: a type error must not keep the tests from running. */
async function compile() {
  const tsc = join(packageFolder('typescript'), 'bin/tsc');
  try {
    await run(process.execPath, [tsc, '-p', 'tsconfig.build.json', '--noCheck'], { log: 'tsc' });
  } catch (error) {
    const ending = error instanceof CommandFailure ? `\n${error.ending}` : '';
    throw new SetupProblem(`The TypeScript sources do not compile:${ending}`);
  }
}

/** Those that Node runs; src/console is bundled for browsers. */
function sourceFiles() {
  return listFiles(sourceFolder).filter(
    (file) => file.endsWith('.ts') && !file.endsWith('.d.ts') && !file.startsWith(`console${sep}`),
  );
}

const outputOf = (/** @type {string} */ source) => source.replace(/\.ts$/, '.js');

function missingOutputs() {
  return sourceFiles().filter((source) => !existsSync(join(outputFolder, outputOf(source))));
}

async function removeStaleOutputs() {
  const wanted = new Set(sourceFiles().map(outputOf));
  for (const file of listFiles(outputFolder)) {
    const script = file.replace(/\.map$/, '');
    if (script.startsWith(`console${sep}`)) continue;
    if (script.endsWith('.js') && !wanted.has(script)) await rm(join(outputFolder, file), { force: true });
  }
}

function sourceHash() {
  const hash = createHash('sha256');
  const settings = ['tsconfig.json', 'tsconfig.build.json', 'package-lock.json'];
  const sources = listFiles(sourceFolder).map((file) => join('src', file));
  for (const file of [...settings, ...sources]) {
    hash
      .update(`${file}\0`)
      .update(readFileSync(join(projectRoot, file)))
      .update('\0');
  }
  return hash.digest('hex');
}

/** @param {string} folder @returns {string[]} relative paths, sorted */
function listFiles(folder) {
  if (!existsSync(folder)) return [];
  const entries = readdirSync(folder, { recursive: true, withFileTypes: true });
  const files = entries.filter((entry) => entry.isFile());
  return files.map((entry) => join(entry.parentPath, entry.name).slice(folder.length + 1)).sort();
}
