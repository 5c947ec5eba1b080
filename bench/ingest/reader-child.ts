import { createReadStream } from 'node:fs';
import { pathToFileURL } from 'node:url';
import type { ImportRun } from '../../src/worker/import/import-runner.ts';

export interface ReaderMeasured {
  /** Time that the import takes of the processors. */
  seconds: number;
  rssMb: number;
}

// Imports a file into nothing, with the import of the build that is named.
const [dist, file] = process.argv.slice(2) as [string, string];
const { runImport } = (await import(
  pathToFileURL(`${dist}/worker/import/import-runner.js`).href
)) as typeof import('../../src/worker/import/import-runner.ts');
const store = {
  interactions: { addBatch: async ({ length }: { length: number }) => length },
  rejects: { add: async () => {} },
  eventTypes: { list: async () => [] },
};
const before = process.cpuUsage();
await runImport({
  jobId: 'bench',
  spec: { type: 'import', kind: 'interactions', format: 'csv', file: 'bench.csv' },
  artifacts: { open: async () => createReadStream(file) } as unknown as ImportRun['artifacts'],
  store: store as unknown as ImportRun['store'],
  importUrls: [],
  importDir: undefined,
  signal: new AbortController().signal,
  onProgress: () => {},
  now: Date.now,
});
const { user, system } = process.cpuUsage(before);
const rssMb = (process.resourceUsage().maxRSS * 1024) / 1e6;
const measured: ReaderMeasured = { seconds: (user + system) / 1e6, rssMb };
console.log(JSON.stringify(measured));
