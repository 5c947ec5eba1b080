/**
 * New users and new films of MovieLens-100K by what is said of them, through the service:
 *
 *   npm run bench:quality -- ml-100k-features [--seeds 1,2] [--teacher auto]
 *
 * Users are held out with all they did (a tenth for the test, half of each history known), and a tenth of the films. Films have
 * genres, words of the title and the year, which every job reads; users age, gender and occupation. Beside the job that reads features of
 * users the same one without.
 */
import { parseArgs } from 'node:util';
import type { Report } from '../../src/domain/reports/report.ts';
import { readFilms, unzipped } from './genres.ts';
import { dataFolder, type PageRun, postAll, runJobs, writePage } from './own-page.ts';
import { startQualityService } from './service.ts';

const SPLIT = { strategy: 'held-out-users', testFraction: 0.1, validationFraction: 0.1, foldInFraction: 0.5 };
const NAMES = ['teacher', 'student', 'student-alone', 'popularity'] as const;
const SEGMENTS = ['users:cold', 'items:cold', 'items:cold-only'];

/** @param root of the repository */
export async function benchFeatures(root: string, argv: string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: argv,
    options: {
      seeds: { type: 'string', default: '1,2' },
      teacher: { type: 'string', default: 'auto' },
      /** Other jobs with features, by name; nothing is written then. */
      jobs: { type: 'string' },
    },
  });
  const folder = dataFolder(root, 'ml-100k');
  if (!folder) return;
  const withFeatures = { features: { users: true }, evaluation: { coldItems: 0.1 } };
  const jobs = options.jobs ? JSON.parse(options.jobs) : { 'with features': withFeatures, without: {} };
  const common = { model: 'films', teacher: { kind: options.teacher }, dataset: { split: SPLIT } };
  const service = await startQualityService(root);
  let runs: PageRun[];
  try {
    await service.upload({ csv: unzipped(folder, 'ratings') });
    await postAll(service, 'items', readFilms(folder));
    await postAll(service, 'users', readUsers(folder));
    runs = await runJobs(service, common, jobs, options.seeds.split(',').map(Number), inShort);
  } finally {
    await service.stop();
  }
  if (options.jobs) return;
  const page = pageOf(runs);
  console.log(`\n${page}`);
  writePage(root, 'ml-100k-features', page);
}

function readUsers(folder: string) {
  const lines = unzipped(folder, 'users').trimEnd().split('\n').slice(1);
  return lines.map((line) => {
    const [userId, age, gender, occupation] = line.split(',') as [string, string, string, string];
    return { userId, features: { age: Number(age), gender, occupation } };
  });
}

/** The student's and popularity's figures, and what validation said of new films. */
function inShort({ models, newItems }: Report): string {
  const rankers = ['student', 'popularity']
    .map((name) => {
      const { metrics, segments } = models.find((model) => model.name === name)!;
      const cold = SEGMENTS.map((wanted) => {
        const row = segments.find(({ segment }) => segment === wanted);
        const of = (metric: string) => row?.metrics[metric]?.toFixed(4) ?? '-';
        return `${wanted} recall ${of('recall@20')} ndcg ${of('ndcg@20')}`;
      });
      return `${name} ${metrics['ndcg@10']!.value.toFixed(4)}, ${cold.join(', ')}`;
    })
    .join('; ');
  return `${rankers}; ${JSON.stringify(newItems)}`;
}

const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

function pageOf(runs: readonly PageRun[]): string {
  const rankerOf = ({ report }: PageRun, name: string) => report.models.find((model) => model.name === name)!;
  const own = (row: string) => runs.filter((run) => run.row === row);
  const known = ['with features', 'without'].flatMap((row) =>
    NAMES.map((name) => {
      const of = (metric: string) =>
        mean(own(row).map((run) => rankerOf(run, name).metrics[metric]!.value)).toFixed(4);
      const bytes = rankerOf(own(row)[0]!, name).bytes.toLocaleString('en');
      return `| ${row} | ${name} | ${of('ndcg@10')} | ${of('recall@20')} | ${bytes} |`;
    }),
  );
  const cold = SEGMENTS.flatMap((segment) =>
    NAMES.map((name) => {
      const rows = own('with features').map((run) =>
        rankerOf(run, name).segments.find((one) => one.segment === segment),
      );
      const of = (metric: string) => mean(rows.map((row) => row!.metrics[metric]!)).toFixed(4);
      return rows[0]
        ? `| ${segment} | ${name} | ${rows[0].count} | ${of('recall@20')} | ${of('ndcg@20')} |`
        : `| ${segment} | ${name} | reads no features | | |`;
    }),
  );
  const { report } = runs[0]!;
  const validation = own('with features').map(({ seed, report: { newItems, settings } }) => {
    const { coldUsers } = settings.features as { coldUsers?: object };
    return `* seed ${seed}: ${JSON.stringify({ newItems, coldUsers })}`;
  });
  return `# MovieLens-100K: new users and films

\`npm run bench:quality -- ml-100k-features\`; ${report.data.split}; seeds ${[...new Set(runs.map(({ seed }) => seed))].join(', ')}, means over them.

Users with a history. With features a tenth of the films is missing from training and from this table, so that the two halves do not compare films with films:

| job | ranker | NDCG@10 | Recall@20 | bytes |
|---|---|---|---|---|
${known.join('\n')}

What is new, by its features alone (segments of the report): users of whom no interaction is known, films that nobody had rated among all films, and among each other. Popularity of a new film is 0, and ties count against the ranker.

| segment | ranker | users | recall@20 | ndcg@20 |
|---|---|---|---|---|
${cold.join('\n')}

What validation said:

${validation.join('\n')}
`;
}
