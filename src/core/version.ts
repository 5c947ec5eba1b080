import { readFileSync } from 'node:fs';
import { projectFile } from './project-file.ts';

/** Version of the running code. */
export const CODE_VERSION: string = JSON.parse(readFileSync(projectFile('package.json')!, 'utf8')).version;
