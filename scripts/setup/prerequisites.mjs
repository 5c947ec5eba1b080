// @ts-check
import { answerOf, findProgram } from './commands.mjs';
import { SetupProblem } from './problem.mjs';

const oldestNode = [20, 19];

export function requireNode(version = process.versions.node) {
  if (isAtLeast(version, oldestNode)) return;
  throw new SetupProblem(`Node ${oldestNode.join('.')} or newer is needed; this is Node ${version}.`);
}

/** @param {string} purpose completes the sentence "... is needed to" */
export function requirePip(purpose) {
  if (!findProgram('python3'))
    throw new SetupProblem(`Python 3 with pip is needed to ${purpose}, and python3 is not on PATH.`);
  if (!answerOf('python3', ['-m', 'pip', '--version'])) {
    throw new SetupProblem(`pip is needed to ${purpose}, and "python3 -m pip" does not work.`);
  }
}

/** @param {string} purpose completes the sentence "... is needed to" */
export function requireCompiler(purpose) {
  const tools = {
    'Python 3': Boolean(findProgram('python3')),
    'a C++ compiler (g++ or clang++)':
      Boolean(process.env.CXX) || ['c++', 'g++', 'clang++'].some((name) => findProgram(name)),
    make: Boolean(findProgram('make')),
  };
  const missing = Object.entries(tools).filter(([, found]) => !found);
  if (missing.length === 0) return;
  throw new SetupProblem(`Missing to ${purpose}: ${missing.map(([name]) => name).join(', ')}.`);
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
