import { fork } from 'node:child_process';
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createClient } from './chaos/client.ts';
import { startInstallation } from './chaos/installation.ts';
import { type EngineName, openBenchEngine } from './ingest/engine.ts';
import { measureImport, peakRssMb } from './ingest/import.ts';
import type { MatrixMeasured } from './ingest/matrix-child.ts';
import { type IngestRun, ingestPage, ingestTable } from './ingest/page.ts';
import { measurePosts } from './ingest/posts.ts';
import { writeCsv } from './ingest/rows.ts';

/**
 * What the data plane takes: posts of one event and of a thousand, imports of CSV, reading for training.
 *   npm run bench:ingest -- --engines sqlite,postgres --sizes 1000000 [--seconds 8] [--posts=false]
 * Each engine and size is a run with an empty database; results of earlier runs stay in the page beside it.
 */
const { values: options } = parseArgs({
  options: {
    engines: { type: 'string', default: 'sqlite,postgres' },
    /** Rows of the CSV files; the posts are measured with the first. */
    sizes: { type: 'string', default: '1000000' },
    seconds: { type: 'string', default: '8' },
    'no-posts': { type: 'boolean', default: false },
    seed: { type: 'string', default: '1' },
    /** Where the database and the files lie meanwhile: its disk is what is measured. */
    folder: { type: 'string', default: os.tmpdir() },
    json: { type: 'boolean', default: false },
    /** Leaves the results file as it is. */
    dry: { type: 'boolean', default: false },
  },
});
const seconds = Number(options.seconds);
const seed = Number(options.seed);
const results: IngestRun[] = [];
for (const engine of options.engines.split(',') as EngineName[]) {
  for (const [i, size] of options.sizes.split(',').map(Number).entries()) {
    const run = await measure(engine, size, i === 0 && !options['no-posts']);
    results.push(run);
    if (!options.dry) keep([run]);
  }
}
console.log(options.json ? JSON.stringify(results) : ingestTable(results));

async function measure(name: EngineName, size: number, withPosts: boolean): Promise<IngestRun> {
  const folder = mkdtempSync(path.join(options.folder, 'stillhouse-ingest-'));
  const engine = await openBenchEngine(name, folder);
  const { databaseUrl } = engine;
  const installation = await startInstallation({ folder, apis: 1, workers: 1, databaseUrl });
  try {
    const url = installation.apiUrls[0]!;
    const client = createClient([url]);
    await client.send('GET', '/health/ready');
    const apiPid = installation.apis[0]!.pid()!;
    const workerPid = installation.workers[0]!.pid()!;
    const csv = path.join(folder, 'events.csv');
    await writeCsv(csv, size, seed);
    const empty = await engine.bytesOnDisk();
    const imported = await measureImport(url, client, csv);
    rmSync(csv);
    const apiRssMb = peakRssMb(apiPid);
    const workerRssMb = peakRssMb(workerPid);
    const bytesPerRow = ((await engine.bytesOnDisk()) - empty) / imported.rows;
    const matrix = await buildMatrix(databaseUrl);
    const common = { seconds, seed: seed + 1 };
    const posts = withPosts && {
      single: await measurePosts(url, { ...common, rowsPerPost: 1, connections: 16 }),
      batch: await measurePosts(url, { ...common, rowsPerPost: 1000, connections: 4, seed: seed + 2 }),
      apiRssMb: peakRssMb(apiPid),
    };
    return {
      engine: name,
      version: engine.version,
      size,
      date: new Date().toISOString().slice(0, 10),
      load: os.loadavg()[0]!,
      imported,
      apiRssMb,
      workerRssMb,
      bytesPerRow,
      matrix,
      ...(posts && { posts }),
    };
  } finally {
    await installation.stop();
    await engine.close();
    rmSync(folder, { recursive: true, force: true });
  }
}

function buildMatrix(databaseUrl: string): Promise<MatrixMeasured> {
  const child = fork(path.join(import.meta.dirname, 'ingest', 'matrix-child.js'), [databaseUrl]);
  return new Promise((resolve, reject) => {
    child.once('message', (measured) => resolve(measured as MatrixMeasured));
    child.once('exit', (code) => code !== 0 && reject(new Error(`reading for training ended with ${code}`)));
  });
}

/** The newest run of each engine and size. */
function keep(fresh: readonly IngestRun[]): void {
  const file = path.resolve('bench/results/ingest.json');
  const before: IngestRun[] = existsSync(file) ? JSON.parse(readFileSync(file, 'utf8')) : [];
  const others = before.filter(
    (old) => !fresh.some((run) => run.engine === old.engine && run.size === old.size),
  );
  const runs = [...others, ...fresh].sort((a, b) => b.engine.localeCompare(a.engine) || a.size - b.size);
  writeFileSync(file, `${JSON.stringify(runs, null, 2)}\n`);
  writeFileSync(path.resolve('bench/results/ingest.md'), ingestPage(runs));
}
