import { existsSync, mkdirSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { Report } from '../../src/domain/reports/report.ts';
import type { QualityService } from './service.ts';

// What benchmarks share that write a page of their own, for other tasks or other data.

export interface PageRun {
  row: string;
  seed: number;
  seconds: number;
  peakMiB: number;
  report: Report;
}

type NamedJobs = Record<string, { distillation?: object }>;

/**
 * Every job with every seed, each told in a line.
 * @param common what a job does not say itself
 * @param onRun after each with all that there are, so that a page need not wait for the last
 */
export async function runJobs(
  service: QualityService,
  common: object,
  jobs: NamedJobs,
  seeds: readonly number[],
  inShort: (report: Report) => string,
  onRun: (runs: readonly PageRun[]) => void = () => undefined,
): Promise<PageRun[]> {
  const runs: PageRun[] = [];
  for (const [row, job] of Object.entries(jobs)) {
    for (const seed of seeds) {
      const done = await service.distil({
        ...common,
        ...job,
        distillation: { ...job.distillation, seed },
      });
      runs.push({ row, seed, ...done });
      console.log(`${row}, seed ${seed}, ${done.seconds.toFixed(0)} s: ${inShort(done.report)}`);
      onRun(runs);
    }
  }
  return runs;
}

/** To POST /items or /users, in bodies that are not too large. */
export async function postAll(
  service: QualityService,
  kind: 'items' | 'users',
  all: readonly object[],
): Promise<void> {
  for (let from = 0; from < all.length; from += 500)
    await service.send(`/${kind}`, { [kind]: all.slice(from, from + 500) });
}

/** Null, and says so, where a data set is not there. @param root of the repository */
export function dataFolder(root: string, name: string): string | null {
  const folder = join(root, '..', 'shared', 'data', name);
  if (existsSync(folder)) return folder;
  console.log(`SKIPPED: ../shared/data/${name} is not there, so nothing was measured.`);
  return null;
}

export function writePage(root: string, name: string, page: string): void {
  const target = join(root, 'bench', 'results', `${name}.md`);
  mkdirSync(dirname(target), { recursive: true });
  writeFileSync(target, page);
}
