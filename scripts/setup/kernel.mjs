// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommandFailure, run } from './commands.mjs';
import { packageFolder, projectRoot } from './paths.mjs';
import { SetupProblem } from './problem.mjs';

/** Serving's scan, its solved user vectors and its diverse lists; for training many ridge regressions at once, and the small systems of a step. */
const kernels = [
  { source: 'scan.ts', output: join(projectRoot, 'dist', 'serving', 'kernel.wasm') },
  { source: 'fold.ts', output: join(projectRoot, 'dist', 'serving', 'fold.wasm') },
  { source: 'diversify.ts', output: join(projectRoot, 'dist', 'serving', 'diversify.wasm') },
  { source: 'ridge.ts', output: join(projectRoot, 'dist', 'training', 'ridge.wasm') },
  { source: 'systems.ts', output: join(projectRoot, 'dist', 'training', 'systems.wasm') },
];

/** Arithmetic that the kernels import. */
const SHARED = 'vectors.ts';

// The memory comes from the host, shared between threads; nothing is ever allocated or collected inside.
const options =
  '-O3 --converge --noAssert --runtime stub --enable simd --enable threads --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536';

/** AssemblyScript to WebAssembly. */
/** @type {import('./step.mjs').Step} */
export const kernelStep = {
  name: 'kernel',
  isDone: ({ state }) =>
    state.done.kernel === sourceHash() && kernels.every(({ output }) => existsSync(output)),
  async run({ state }) {
    const hash = sourceHash();
    await Promise.all(kernels.map(compile));
    state.done.kernel = hash;
    return `${kernels.length} kernels, AssemblyScript into dist/`;
  },
};

/** @param {{ source: string, output: string }} kernel */
async function compile({ source, output }) {
  const unfinished = `${output}.new.wasm`;
  const asc = join(packageFolder('assemblyscript'), 'bin/asc.js');
  await mkdir(dirname(output), { recursive: true });
  try {
    const args = [asc, pathOf(source), '-o', unfinished, ...options.split(' ')];
    await run(process.execPath, args, { log: 'asc' });
  } catch (error) {
    const ending = error instanceof CommandFailure ? `\n${error.ending}` : '';
    throw new SetupProblem(`kernel/${source} does not compile:${ending}`);
  }
  await rename(unfinished, output);
}

const pathOf = (/** @type {string} */ source) => join(projectRoot, 'kernel', source);

function sourceHash() {
  const { version } = JSON.parse(readFileSync(join(packageFolder('assemblyscript'), 'package.json'), 'utf8'));
  const hash = createHash('sha256').update(`${version}\n${options}\n`);
  for (const { source, output } of kernels) {
    hash.update(`${output.slice(projectRoot.length)}\n`).update(readFileSync(pathOf(source)));
  }
  hash.update(readFileSync(pathOf(SHARED)));
  return hash.digest('hex');
}
