import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import type { Stats } from '../../src/domain/data/stats.ts';
import type { ImportResult, Job } from '../../src/domain/jobs/job.ts';
import type { Client } from '../chaos/client.ts';

/** What the README beside the files says of each set, and what its files hold. */
export const DATA_SETS: Record<string, { users: number; items: number; byType: Record<string, number> }> = {
  'ml-100k': { users: 943, items: 1682, byType: { rating: 100_000 } },
  // One of the 25,182 items of the README is in none of the files.
  'citeulike-htd': { users: 5219, items: 25_181, byType: { train: 115_142, valid: 5219, test: 5219 } },
  gowalla: { users: 29_858, items: 40_981, byType: { train: 810_128, test: 217_242 } },
  'retail-rocket': {
    users: 2174,
    items: 30_113,
    byType: { view: 75_374, cart: 12_456, buy: 9551, test_buy: 2174 },
  },
  'amazon-beauty': { users: 22_363, items: 12_101, byType: { review: 198_502 } },
};

/** Of the catalogue. */
export const CATALOGUES: Record<string, { items: number; users: number }> = {
  'ml-100k': { items: 1682, users: 943 },
};

/** The lines of docs/data.md that import a file of the set. */
export function documentedLines(set: string): string[] {
  const lines = readFileSync('docs/data.md', 'utf8').split('\n');
  return lines.filter((line) => line.startsWith('curl ') && line.includes(`/data/${set}/`));
}

/** Runs the lines as they are, against another address. @returns the result of each import */
export async function runDocumentedLines(set: string, url: string, client: Client): Promise<ImportResult[]> {
  const results: ImportResult[] = [];
  for (const line of documentedLines(set)) {
    const command = line.replace('localhost:3000', url).replace('curl ', 'curl -sS ');
    const { stdout } = await promisify(execFile)('sh', ['-c', command], { maxBuffer: 1e7 });
    const { id } = JSON.parse(stdout) as Job;
    if (!id) throw new Error(`${line}\n${stdout}`);
    await client.follow(id, AbortSignal.timeout(300_000));
    const job: Job = (await client.send('GET', `/jobs/${id}`)).body;
    if (job.state !== 'succeeded') throw new Error(`${line}\n${JSON.stringify(job.problem)}`);
    results.push(job.result as ImportResult);
  }
  return results;
}

/** What differs from what the README says; empty when nothing does. */
export function differences(set: string, results: readonly ImportResult[], stats: Stats): string[] {
  const wanted = { ...DATA_SETS[set]!, catalogue: CATALOGUES[set] ?? { items: 0, users: 0 } };
  const found = {
    users: stats.users,
    items: stats.items,
    byType: stats.interactions.byType,
    catalogue: stats.catalogue,
  };
  const rows = results.reduce((sum, { rows }) => sum + rows, 0);
  const accepted = results.reduce((sum, { accepted }) => sum + accepted, 0);
  const faults = Object.entries(wanted)
    .filter(([name, value]) => sorted(value) !== sorted(found[name as keyof typeof found]))
    .map(
      ([name, value]) => `${name}: ${sorted(found[name as keyof typeof found])} instead of ${sorted(value)}`,
    );
  if (rows !== accepted) faults.push(`${rows - accepted} of ${rows} rows were not accepted`);
  return faults;
}

const sorted = (value: unknown) =>
  typeof value === 'object' && value !== null
    ? JSON.stringify(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))
    : JSON.stringify(value);
