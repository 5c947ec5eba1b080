// Preloaded with --import: writes the address of every module of the process to the file RECORD_MODULES.
import { appendFileSync } from 'node:fs';
import { createRequire, register } from 'node:module';

const file = process.env.RECORD_MODULES;
register('./record-modules-hooks.mjs', import.meta.url, { data: { file } });
// What CommonJS packages require among themselves passes no hook.
process.on('exit', () => appendFileSync(file, Object.keys(createRequire(import.meta.url).cache).join('\n')));
