import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A file of the project, looked for from the folder of the running code upwards: the code may run from src, from a bundle in dist
 * or from a benchmark's build.
 * @param name relative to the project's folder
 * @returns undefined where no folder above has it
 */
export function projectFile(name: string): string | undefined {
  for (let folder = dirname(fileURLToPath(import.meta.url)); ; folder = dirname(folder)) {
    const file = join(folder, name);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) return undefined;
  }
}
