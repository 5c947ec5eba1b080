// @ts-check
import { answerOf, findProgram } from './commands.mjs';
import { SetupProblem } from './problem.mjs';

const oldestNode = [20, 19];

export function requireNode(version = process.versions.node) {
  if (isAtLeast(version, oldestNode)) return;
  throw new SetupProblem(`Node ${oldestNode.join('.')} or newer is needed; this is Node ${version}.`);
}

/** @param {string} purpose what it is needed for, as in "to download ..." */
export function requirePip(purpose) {
  if (!findProgram('python3'))
    throw new SetupProblem(`Python 3 with pip is needed ${purpose}, and python3 is not on PATH.`);
  if (!answerOf('python3', ['-m', 'pip', '--version'])) {
    throw new SetupProblem(`pip is needed ${purpose}, and "python3 -m pip" does not work.`);
  }
}

/** @param {string} purpose what it is needed for, as in "to compile ..." */
export function requireCompiler(purpose) {
  const missing = missingBuildTools();
  if (missing.length === 0) return;
  throw new SetupProblem(`Not on PATH and needed ${purpose}: ${missing.join(', ')}.`);
}

/** What compiling a native addon lacks here. */
export function missingBuildTools() {
  const compilers = ['c++', 'g++', 'clang++'];
  const tools = {
    'Python 3': Boolean(findProgram('python3')),
    'a C++ compiler (g++ or clang++)':
      Boolean(process.env.CXX) || compilers.some((name) => findProgram(name)),
    make: Boolean(findProgram('make')),
  };
  return Object.entries(tools).flatMap(([name, found]) => (found ? [] : [name]));
}

/** @param {string} version @param {number[]} least */
export function isAtLeast(version, least) {
  const parts = version.split('.').map(Number);
  for (const [place, wanted] of least.entries()) {
    const part = parts[place] ?? 0;
    if (part !== wanted) return part > wanted;
  }
  return true;
}
