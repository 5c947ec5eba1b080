// @ts-check
import { createHash } from 'node:crypto';
import { existsSync, readFileSync } from 'node:fs';
import { mkdir, rename } from 'node:fs/promises';
import { dirname, join } from 'node:path';
import { CommandFailure, run } from './commands.mjs';
import { packageFolder, projectRoot } from './paths.mjs';
import { SetupProblem } from './problem.mjs';

const source = join(projectRoot, 'kernel', 'scan.ts');
const output = join(projectRoot, 'dist', 'serving', 'kernel.wasm');

// The memory comes from the host, shared between threads; nothing is ever allocated or collected inside.
const options =
  '-O3 --converge --noAssert --runtime stub --enable simd --enable threads --importMemory --sharedMemory --initialMemory 1 --maximumMemory 65536';

/** The serving kernel: AssemblyScript to WebAssembly. */
/** @type {import('./step.mjs').Step} */
export const kernelStep = {
  name: 'kernel',
  isDone: ({ state }) => state.done.kernel === sourceHash() && existsSync(output),
  async run({ state }) {
    const hash = sourceHash();
    await mkdir(dirname(output), { recursive: true });
    await compile();
    state.done.kernel = hash;
    return 'the scan, AssemblyScript into dist/';
  },
};

async function compile() {
  const unfinished = `${output}.new.wasm`;
  const asc = join(packageFolder('assemblyscript'), 'bin/asc.js');
  try {
    await run(process.execPath, [asc, source, '-o', unfinished, ...options.split(' ')], { log: 'asc' });
  } catch (error) {
    const ending = error instanceof CommandFailure ? `\n${error.ending}` : '';
    throw new SetupProblem(`kernel/scan.ts does not compile:${ending}`);
  }
  await rename(unfinished, output);
}

function sourceHash() {
  const { version } = JSON.parse(readFileSync(join(packageFolder('assemblyscript'), 'package.json'), 'utf8'));
  return createHash('sha256').update(`${version}\n${options}\n`).update(readFileSync(source)).digest('hex');
}
