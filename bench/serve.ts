import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { measureKernel } from './serve/kernel.ts';
import { measureLarge } from './serve/large.ts';
import { measureServing } from './serve/measure.ts';
import { servePage, serveTable } from './serve/page.ts';

/**
 * What serving costs: an api process as in production, with 100,000 users in SQLite, asked from a second process.
 *   npm run bench:serve -- --seconds 60 --processes 2
 */
const { values: options } = parseArgs({
  options: {
    users: { type: 'string', default: '100000' },
    items: { type: 'string', default: '10000' },
    connections: { type: 'string', default: '32' },
    /** How long the model is swapped every second. */
    seconds: { type: 'string', default: '15' },
    processes: { type: 'string', default: '1' },
    seed: { type: 'string', default: '1' },
    json: { type: 'boolean', default: false },
    /** Leaves the results file as it is. */
    dry: { type: 'boolean', default: false },
  },
});
const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-serve-'));
try {
  const serve = await measureServing({
    folder,
    users: Number(options.users),
    items: Number(options.items),
    connections: Number(options.connections),
    seconds: Number(options.seconds),
    processes: Number(options.processes),
    seed: Number(options.seed),
    log: (line) => console.error(line),
  });
  const kernel = measureKernel();
  const large = await measureLarge();
  const result = { serve, kernel, large };
  console.log(options.json ? JSON.stringify({ benchmark: 'serve', options, ...result }) : serveTable(result));
  if (!options.dry)
    writeFileSync(path.resolve('bench/results/serve.md'), servePage(result, process.argv.slice(2)));
} finally {
  rmSync(folder, { recursive: true, force: true });
}
