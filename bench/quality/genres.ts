/**
 * Genres of the films of MovieLens-100K from what they are watched with, their titles and years, through the service:
 *
 *   npm run bench:quality -- ml-100k-genres [--seeds 1,2,3] [--tune] [--jobs '{"default":{}}']
 *
 * Each seed draws another fifth of the films as test. With --tune the films of all these fifths come without their genres, so that
 * only the others are learnt and measured.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { parse } from 'csv-parse/sync';
import type { Item } from '../../src/domain/data/catalogue.ts';
import type { Measured } from '../../src/domain/reports/measured.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import { splitEntities } from '../../src/training/tasks/labels/split.ts';
import { dataFolder, type PageRun, postAll, runJobs, writePage } from './own-page.ts';
import { startQualityService } from './service.ts';

const JOB = { model: 'genres', task: 'multi-label', labels: { of: 'items', from: 'categories' } };
const NAMES = ['teacher', 'student', 'student-float32', 'student-alone', 'best-alone', 'frequency'] as const;

type Run = PageRun;

/** @param root of the repository */
export async function benchGenres(root: string, argv: string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: argv,
    options: {
      seeds: { type: 'string', default: '1,2,3' },
      tune: { type: 'boolean', default: false },
      jobs: { type: 'string', default: '{"default":{}}' },
    },
  });
  const folder = dataFolder(root, 'ml-100k');
  if (!folder) return;
  const seeds = options.seeds.split(',').map(Number);
  const films = readFilms(folder);
  const service = await startQualityService(root);
  let runs: Run[];
  try {
    await service.upload({ csv: unzipped(folder, 'ratings') });
    await postAll(service, 'items', options.tune ? withoutTests(films, seeds) : films);
    runs = await runJobs(service, JOB, JSON.parse(options.jobs), seeds, inShort);
  } finally {
    await service.stop();
  }
  const page = pageOf(runs);
  console.log(`\n${page}`);
  if (!options.tune) writePage(root, 'ml-100k-genres', page);
}

export function unzipped(folder: string, file: string): string {
  return gunzipSync(readFileSync(join(folder, `${file}.csv.gz`))).toString();
}

export function readFilms(folder: string): Item[] {
  const rows = parse(unzipped(folder, 'items'), { columns: true }) as Record<string, string>[];
  return rows.map(({ itemId, title, year, genres }) => ({
    itemId: itemId!,
    title: title!,
    categories: genres!.split('|').filter((name) => name !== '' && name !== 'unknown'),
    ...(Number(year) > 0 && { features: { year: Number(year) } }),
  }));
}

/** Those that are test for one of the seeds lose their genres. All have ratings: the service has them in the order of their ids. */
function withoutTests(films: readonly Item[], seeds: readonly number[]): Item[] {
  const sorted = films.toSorted((a, b) => (a.itemId < b.itemId ? -1 : 1));
  const entities = sorted.map(({ itemId }) => itemId);
  const isKnown = Uint8Array.from(sorted, ({ categories }) => Number(categories!.length > 0));
  const fractions = { testFraction: 0.2, validationFraction: 0.1 };
  const hidden = new Set(
    seeds.flatMap((seed) => [...splitEntities({ entities, isKnown }, fractions, seed).test]),
  );
  return sorted.map((film, row) => (hidden.has(row) ? { ...film, categories: [] } : film));
}

const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;
const METRICS = ['microF1', 'macroF1', 'precision@1', 'lrap', 'calibrationError'] as const;

function metricOf({ models }: Report, name: string, metric: (typeof METRICS)[number]): number {
  const { metrics, figures } = models.find((model) => model.name === name)!;
  return metrics[metric]?.value ?? figures![metric]!;
}

function inShort(report: Report): string {
  const values = METRICS.map(
    (metric) => `${metric} ${NAMES.map((name) => metricOf(report, name, metric).toFixed(3)).join(' ')}`,
  );
  return `${values.join('; ')}; kept ${report.comparison.retained.microF1!.value.toFixed(3)}`;
}

function pageOf(runs: readonly Run[]): string {
  const { data, models, comparison } = runs[0]!.report;
  const rows = [...new Set(runs.map(({ row }) => row))];
  const bytes = (name: string) => models.find((one) => one.name === name)!.bytes.toLocaleString('en');
  const tables = rows.map((row) => {
    const own = runs.filter((run) => run.row === row);
    const lines = NAMES.map((name) => {
      const cells = METRICS.map((metric) =>
        mean(own.map(({ report }) => metricOf(report, name, metric))).toFixed(4),
      );
      return `| ${name} | ${cells.join(' | ')} |`;
    });
    const single = own.map(({ seed, seconds, report: { comparison: one } }) => {
      const [kept, gain, over] = [one.retained, one.gainOverAlone, one.gainOverBaseline].map(
        ({ microF1 }) => microF1!,
      ) as [Measured, Measured, Measured];
      const shown = ({ value, low, high }: Measured, digits: number) =>
        `${value.toFixed(digits)} (${low.toFixed(digits)} to ${high.toFixed(digits)})`;
      return `| ${seed} | ${shown(kept, 3)} | ${shown(gain, 4)} | ${shown(over, 4)} | ${seconds.toFixed(0)} |`;
    });
    const kept = mean(own.map(({ report }) => report.comparison.retained.microF1!.value));
    return `## ${row}

| | micro F1 | macro F1 | precision@1 | LRAP | calibration error |
|---|---|---|---|---|---|
${lines.join('\n')}

Of the teacher's micro F1 the student keeps ${(100 * kept).toFixed(1)} % (mean of ${own.length} seeds).

| seed | student / teacher, micro F1 | student - alone | student - frequency | job s |
|---|---|---|---|---|
${single.join('\n')}`;
  });
  return `# Genres on MovieLens-100K

\`npm run bench:quality -- ml-100k-genres\`: ${data.entities!.labels} genres of ${data.entities!.withLabels} films from the ${data.interactions.toLocaleString('en')} ratings (who watched what, not how it was liked), titles and years. Each seed holds out another fifth of the films as test and a tenth as validation (${data.train} / ${data.validation} / ${data.test} films); thresholds, calibration and epochs are chosen on validation. Intervals: 95 %, bootstrap over films. The student is evaluated as it is served, in int8; *alone*: the same without a teacher; *frequency*: the share of each genre, the same for every film.

Targets: student within 2 % of its teacher's micro F1; both above the frequencies.

Teacher: ${models[0]!.description}, ${bytes('teacher')} bytes. Student: ${models[1]!.description}, ${bytes('student')} bytes, ${comparison.compressionRatio.toFixed(0)} times smaller (seed ${runs[0]!.seed}).

${tables.join('\n\n')}

Settings: \`${JSON.stringify(runs[0]!.report.settings)}\`
`;
}
