import { existsSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

/** The compiled file of a thread, which is in dist when this one runs from src. */
export function threadFile(name: string): string {
  const here = dirname(fileURLToPath(import.meta.url));
  const beside = join(here, `${name}.js`);
  return existsSync(beside) ? beside : join(here, '../../../dist/serving/threads', `${name}.js`);
}
