import { pathToFileURL } from 'node:url';
import { projectFile } from './project-file.ts';

/**
 * A file that set-up compiles into dist.
 * @throws Error when it is missing
 */
export function builtFile(name: string): string {
  const file = projectFile(`dist/${name}`);
  if (file === undefined) throw new Error(`dist/${name} is missing; node scripts/setup.mjs compiles it`);
  return file;
}

/** A program of src/bin as set-up compiled it: what a process is started from. */
export const builtProgram = (name: string): URL => pathToFileURL(builtFile(`bin/${name}.js`));
