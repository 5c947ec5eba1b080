import { readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { completeDistillation } from '../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../src/domain/jobs/distillation-spec.ts';
import type { Report } from '../src/domain/reports/report.ts';
import { runJob } from './lib/run-job.ts';
import { csvSource } from './quality/csv-source.ts';
import { qualitySets } from './quality/data-sets.ts';
import { dataFolder } from './quality/own-page.ts';

/**
 * Runs the jobs whose reports docs/report.md shows, and writes their verdicts into that page:
 *
 *   npm run bench:report-examples [-- good,doubtful,bad]
 */
const JOBS: Record<string, DistillationSpec> = {
  good: { model: 'movies' },
  doubtful: { model: 'few', dataset: { sample: { users: 0.06 } } },
  bad: { model: 'weak', teacher: { kind: 'softmax', hidden: [16], epochs: 1, learningRate: 0.00001 } },
};
const PAGE = resolve('docs', 'report.md');

if (!dataFolder(resolve('.'), 'ml-100k')) process.exit(0);
const interactions = csvSource(qualitySets(join('..', 'shared', 'data'))['ml-100k']!.uploads(false));
for (const name of process.argv[2]?.split(',') ?? Object.keys(JOBS)) {
  const spec = JOBS[name];
  if (!spec) throw new Error(`${name} is no example; there are ${Object.keys(JOBS).join(', ')}`);
  const { report } = await runJob({ spec: completeDistillation(spec), interactions });
  const { verdict, warnings } = report as Report;
  const told = [verdict.text, ...warnings.map((one) => `Warning: ${one}`)].map((one) => `> ${one}`);
  write(name, told.join('\n>\n'));
  console.log(`${name}: ${verdict.text}`);
}

/** Puts a text between the marks of its example. */
function write(name: string, text: string): void {
  const [from, to] = [`<!-- ${name} -->`, `<!-- /${name} -->`];
  const page = readFileSync(PAGE, 'utf8');
  const [start, end] = [page.indexOf(from), page.indexOf(to)];
  if (start < 0 || end < start) throw new Error(`docs/report.md has no place for ${name}: ${from} ... ${to}`);
  writeFileSync(PAGE, `${page.slice(0, start + from.length)}\n${text}\n${page.slice(end)}`);
}
