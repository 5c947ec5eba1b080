import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { startTestPostgres } from '../test/helpers/postgres.ts';
import { chaosPage, chaosTable } from './chaos/page.ts';
import { runChaos } from './chaos/run.ts';

/**
 * Kills processes of the service at random moments while jobs run, files are imported and rows are written, and looks whether
 * anything that was acknowledged was lost.
 *   npm run bench:chaos -- --seed 7 --apis 2 --workers 2 --database-url postgres://...
 * With --postgres it starts a server of its own, that writes to disk, and gives it an empty database.
 * The same seed plans the same strikes at the same times; what each of them meets depends on the machine.
 */
const { values: options } = parseArgs({
  options: {
    /** By default two for each three kills: a job's trainer is killed twice at most. */
    jobs: { type: 'string' },
    kills: { type: 'string', default: '30' },
    seed: { type: 'string', default: '1' },
    apis: { type: 'string', default: '1' },
    workers: { type: 'string', default: '1' },
    /** Mean pause between two kills. */
    pause: { type: 'string', default: '4000' },
    /** An empty database; without it, SQLite in a temporary folder. */
    'database-url': { type: 'string' },
    postgres: { type: 'boolean', default: false },
    backend: { type: 'string' },
    json: { type: 'boolean', default: false },
    /** Leaves the results file as it is. */
    dry: { type: 'boolean', default: false },
  },
});
const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-chaos-'));
const server = options.postgres ? await startTestPostgres({ durable: true }) : undefined;
const databaseUrl = (await server?.createDatabase()) ?? options['database-url'];
const result = await runChaos({
  folder,
  jobs: Number(options.jobs ?? Math.ceil((Number(options.kills) * 2) / 3)),
  strikes: Number(options.kills),
  seed: Number(options.seed),
  apis: Number(options.apis),
  workers: Number(options.workers),
  meanPauseMs: Number(options.pause),
  calmMs: 300_000,
  databaseUrl,
  tensorBackend: options.backend,
  log: (line) => (options.json ? console.error(line) : console.log(line)),
}).finally(() => server?.close());
const { story, ...figures } = result;
console.log(options.json ? JSON.stringify(figures) : chaosTable(result));
if (!options.dry)
  writeFileSync(
    path.resolve(`bench/results/chaos${databaseUrl ? '-postgres' : ''}.md`),
    chaosPage(result, process.argv.slice(2)),
  );
if (result.faults.length > 0) {
  const file = path.join(os.tmpdir(), `stillhouse-chaos-${process.pid}.log`);
  writeFileSync(file, story);
  console.error(`What the processes said: ${file}`);
  process.exitCode = 1;
}
rmSync(folder, { recursive: true, force: true });
