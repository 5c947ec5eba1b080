import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import os from 'node:os';
import path from 'node:path';
import { createClient } from './chaos/client.ts';
import { startInstallation } from './chaos/installation.ts';
import { DATA_SETS, differences, runDocumentedLines } from './ingest/data-sets.ts';

/**
 * Imports the data sets of ../shared/data by the lines of docs/data.md, each set into a service of its own, and
 * compares the counts with what their README says.
 *   npm run bench:data-sets [-- ml-100k gowalla]
 */
const asked = process.argv.slice(2);
const sets = asked.length > 0 ? asked : Object.keys(DATA_SETS);
for (const set of sets) {
  if (!existsSync(path.join('../shared/data', set))) {
    console.log(`${set}: NOT RUN, ../shared/data/${set} is not there`);
    continue;
  }
  const folder = mkdtempSync(path.join(os.tmpdir(), 'stillhouse-data-'));
  const installation = await startInstallation({ folder, apis: 1, workers: 1 });
  try {
    const url = installation.apiUrls[0]!;
    const client = createClient([url]);
    await client.send('GET', '/health/ready');
    const started = performance.now();
    const results = await runDocumentedLines(set, url, client);
    const seconds = ((performance.now() - started) / 1000).toFixed(1);
    const { body: stats } = await client.send('GET', '/stats');
    const faults = differences(set, results, stats);
    const rows = results.map((result) => result.rows).join(' + ');
    console.log(
      `${set}: ${rows} rows in ${seconds} s, ${faults.join('; ') || 'all counts as in the README'}`,
    );
    if (faults.length > 0) process.exitCode = 1;
  } finally {
    await installation.stop();
    rmSync(folder, { recursive: true, force: true });
  }
}
