import { readFileSync } from 'node:fs';

/** Version of the running code. The path is the same from src/core and from dist/core. */
export const CODE_VERSION: string = JSON.parse(
  readFileSync(new URL('../../package.json', import.meta.url), 'utf8'),
).version;
