import { spawnSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { parseArgs } from 'node:util';
import type { ReaderMeasured } from './ingest/reader-child.ts';
import { writeCsv } from './ingest/rows.ts';

/**
 * Measures the reading of a CSV without a database: processor time of the whole import, from bytes to batches, and memory.
 * Builds of other commits stand beside this one, in turns, so that a busy machine is as unfair to all.
 *   node bench/run.mjs ingest-reader --rows 400000 --runs 3 --dist now=dist --dist before=../before/dist
 */
const { values } = parseArgs({
  options: {
    rows: { type: 'string', default: '400000' },
    runs: { type: 'string', default: '3' },
    dist: { type: 'string', multiple: true, default: ['now=dist'] },
  },
});
const CHILD = path.join(import.meta.dirname, 'ingest', 'reader-child.js');
const builds = values.dist.map((text) => text.split('=') as [name: string, dist: string]);
const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-reader-'));
try {
  const plain = path.join(folder, 'plain.csv');
  await writeCsv(plain, Number(values.rows), 1);
  const quoted = path.join(folder, 'quoted.csv');
  writeFileSync(quoted, readFileSync(plain, 'utf8').replace(/^([^,]+),([^,]+)/gm, '"$1","$2"'));
  console.log(
    '| file | build | CPU s, each run | rows per CPU s (best) | peak RSS in MB (most) |\n|---|---|---|---|---|',
  );
  for (const file of [plain, quoted]) {
    const found = new Map(builds.map(([name]) => [name, [] as ReaderMeasured[]]));
    for (let run = 0; run < Number(values.runs); run++) {
      for (const [name, dist] of builds) found.get(name)!.push(measure(path.resolve(dist), file));
    }
    for (const [name, runs] of found) {
      const seconds = runs.map((run) => run.seconds);
      const rate = Math.round(Number(values.rows) / Math.min(...seconds)).toLocaleString('en-US');
      const rss = Math.round(Math.max(...runs.map((run) => run.rssMb)));
      const each = seconds.map((one) => one.toFixed(2)).join(', ');
      console.log(`| ${path.basename(file)} | ${name} | ${each} | ${rate} | ${rss} |`);
    }
  }
} finally {
  rmSync(folder, { recursive: true });
}

function measure(dist: string, file: string): ReaderMeasured {
  const { stdout, stderr, status } = spawnSync(process.execPath, [CHILD, dist, file], { encoding: 'utf8' });
  if (status !== 0) throw new Error(`the import of ${file} by ${dist} failed: ${stderr}`);
  return JSON.parse(stdout);
}
