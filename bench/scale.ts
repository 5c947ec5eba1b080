import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { trainerEnvironment } from '../src/worker/trainer/trainer-environment.ts';
import { resultPage } from './scale/page.ts';
import type { ScaleCase, ScaleResult } from './scale/result.ts';
import { scaleTable } from './scale/table.ts';

/**
 * A distillation job's stages on synthetic ratings of growing size, up to 100,000 users x 10,000 items with ten
 * million interactions: seconds, memory, and how both grow. Each size runs in a process of its own, with the
 * environment that the worker gives its trainers.
 */
const { values: options } = parseArgs({
  options: {
    json: { type: 'boolean', default: false },
    sizes: { type: 'string', default: '10000,30000,100000' },
    items: { type: 'string', default: '10000' },
    'per-user': { type: 'string', default: '100' },
    epochs: { type: 'string', default: '3' },
    backend: { type: 'string', default: 'auto' },
    seed: { type: 'string', default: '1' },
    'all-ratings': { type: 'boolean', default: false },
    'no-evaluation': { type: 'boolean', default: false },
    /** Leaves the results file as it is. */
    dry: { type: 'boolean', default: false },
  },
});
const here = dirname(fileURLToPath(import.meta.url));
const results: ScaleResult[] = [];
for (const size of options.sizes.split(',')) {
  const users = Number(size);
  results.push(
    await runCase({
      users,
      items: Number(options.items),
      interactions: users * Number(options['per-user']),
      epochs: Number(options.epochs),
      backend: options.backend,
      seed: Number(options.seed),
      allRatings: options['all-ratings'],
      evaluate: !options['no-evaluation'],
    }),
  );
}
if (!options.dry) {
  const page = join(here, '..', '..', '..', 'bench', 'results', 'scale.md');
  writeFileSync(page, resultPage(results, process.argv.slice(2)));
}
console.log(options.json ? JSON.stringify(results) : scaleTable(results));

function runCase(work: ScaleCase): Promise<ScaleResult> {
  const child = fork(join(here, 'scale', 'child.js'), [], {
    env: trainerEnvironment(process.env, 1, tmpdir()),
  });
  return new Promise((resolve, reject) => {
    child.once('message', (result) => resolve(result as ScaleResult));
    child.once('exit', (code, signal) =>
      reject(new Error(`the run with ${work.users} users ended with ${signal ?? `exit code ${code}`}`)),
    );
    child.send(work);
  });
}
