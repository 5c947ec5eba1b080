// Compiles src and bench to .runtime/bench and runs one benchmark: node bench/run.mjs train [options]
import { spawnSync } from 'node:child_process';
import { copyFileSync } from 'node:fs';
import { createRequire } from 'node:module';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const root = join(dirname(fileURLToPath(import.meta.url)), '..');
const [name, ...rest] = process.argv.slice(2);
if (!name) {
  console.error('usage: node bench/run.mjs <benchmark> [options]');
  process.exit(2);
}
const tsc = createRequire(import.meta.url).resolve('typescript-native/bin/tsc');
const out = join(root, '.runtime', 'bench');
const compile = [tsc, '-p', join(root, 'bench', 'tsconfig.json'), '--outDir', out];
const compiled = spawnSync(process.execPath, compile, { stdio: 'inherit' });
if (compiled.status !== 0) process.exit(compiled.status ?? 1);
// The service reads its version from there.
copyFileSync(join(root, 'package.json'), join(out, 'package.json'));
const child = spawnSync(process.execPath, [join(out, 'bench', `${name}.js`), ...rest], {
  stdio: 'inherit',
  cwd: root,
});
process.exit(child.status ?? 1);
