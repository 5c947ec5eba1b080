import { fork } from 'node:child_process';
import { writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { trainerEnvironment } from '../src/worker/trainer/trainer-environment.ts';
import { type ScaleCase, scaleCase } from './scale/cases.ts';
import { resultPage, section } from './scale/page.ts';
import type { ScaleResult } from './scale/result.ts';

/**
 * Whole default jobs on synthetic data of large sizes: time, processor time, memory and silences by stage. Each job runs in a
 * process of its own, with the environment that the worker gives its trainers.
 */
const { values: options } = parseArgs({
  options: {
    /** Names of bench/scale/cases.ts. */
    cases: { type: 'string', default: 'article,tasks,movielens' },
    /** Part of the users and interactions; of the items the root of it. */
    share: { type: 'string', default: '1' },
    backend: { type: 'string', default: 'auto' },
    seed: { type: 'string', default: '1' },
    /** Tells the time left by the processors' time, which other work on the machine does not stretch. */
    busy: { type: 'boolean', default: false },
    /** Folder for a profile of the processor's time. */
    profile: { type: 'string' },
    json: { type: 'boolean', default: false },
    /** Leaves the results file as it is. */
    dry: { type: 'boolean', default: false },
  },
});
const here = dirname(fileURLToPath(import.meta.url));
const work = options.cases.split(',').map((name) =>
  scaleCase(name, Number(options.share), {
    seed: Number(options.seed),
    backend: options.backend,
    etaClock: options.busy ? 'processors' : 'wall',
  }),
);
const results: ScaleResult[] = [];
for (const one of work) results.push(await runCase(one));
if (!options.dry) {
  const page = join(here, '..', '..', '..', 'bench', 'results', 'scale.md');
  writeFileSync(page, resultPage(results, process.argv.slice(2)));
}
console.log(options.json ? JSON.stringify(results) : results.map(section).join('\n'));

function runCase(one: ScaleCase): Promise<ScaleResult> {
  const child = fork(join(here, 'scale', 'child.js'), [], {
    env: trainerEnvironment(process.env, 1, tmpdir()),
    execArgv: options.profile ? ['--cpu-prof', `--cpu-prof-dir=${options.profile}`] : [],
  });
  return new Promise((resolve, reject) => {
    let result: ScaleResult | undefined;
    child.once('message', (message) => {
      result = message as ScaleResult;
    });
    child.once('exit', (code, signal) => {
      if (result) resolve(result);
      else reject(new Error(`the job ${one.name} ended with ${signal ?? `exit code ${code}`}`));
    });
    child.send(one);
  });
}
