import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/**
 * A file that set-up compiles into dist, whether this one runs from dist, from src or from a benchmark's build.
 * @throws Error when it is missing
 */
export function builtFile(name: string): string {
  const here = dirname(fileURLToPath(import.meta.url));
  for (let folder = here; ; folder = dirname(folder)) {
    const file = join(folder, 'dist', name);
    if (existsSync(file)) return file;
    if (folder === dirname(folder)) {
      throw new Error(`dist/${name} is missing; node scripts/setup.mjs compiles it`);
    }
  }
}
