import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { LOSSES } from '../src/domain/losses/loss-spec.ts';
import { hasData, qualitySets } from './quality/data-sets.ts';
import { benchFeatures } from './quality/features.ts';
import { benchGenres } from './quality/genres.ts';
import { qualityPage } from './quality/page.ts';
import { benchRatings } from './quality/ratings.ts';
import { benchRetailRocket } from './quality/retail-rocket.ts';
import { createRunBook, type RowSpec, runRow } from './quality/runs.ts';
import { startQualityService } from './quality/service.ts';

/**
 * Imports a published data set into a service of its own, runs jobs through HTTP, and writes what their reports say to
 * bench/results/NAME.md. Each call may run a part of the rows; the others stay on the page.
 *
 *   npm run bench:quality -- ml-100k [--rows default,teachers,dimensions,losses,rounding] [--seeds 1,2,3] [--tune] ...
 *   npm run bench:quality -- ml-100k-ratings: the task rating, five folds, see quality/ratings.ts
 *   npm run bench:quality -- ml-100k-features: new users and items, see quality/features.ts
 *   npm run bench:quality -- ml-100k-genres: labels of items, see quality/genres.ts
 *   npm run bench:quality -- retail-rocket: three tasks, see quality/retail-rocket.ts
 */
const root = join(dirname(fileURLToPath(import.meta.url)), '..', '..', '..');
const OTHER_TASKS: Record<string, (root: string, argv: string[]) => Promise<void>> = {
  'ml-100k-features': benchFeatures,
  'ml-100k-genres': benchGenres,
  'ml-100k-ratings': benchRatings,
  'retail-rocket': benchRetailRocket,
};
const otherTask = OTHER_TASKS[process.argv[2] ?? ''];
if (otherTask) {
  await otherTask(root, process.argv.slice(3));
  process.exit(0);
}
const scoring = LOSSES.filter(({ learnsFrom }) => learnsFrom !== 'hiddenLayer').map(({ kind }) => kind);
const { values: options, positionals } = parseArgs({
  allowPositionals: true,
  options: {
    rows: { type: 'string', default: 'default,dimensions' },
    /** Kinds of teachers, for the rows of teachers. */
    teachers: { type: 'string', default: 'softmax,autoencoder,ease,matrix-factorization,graph-filter' },
    dimensions: { type: 'string' },
    /** Kinds of losses, for the rows of losses; all that train the scores by themselves if not given. */
    losses: { type: 'string', default: scoring.join() },
    seeds: { type: 'string', default: '1' },
    /** What every job gets, as JSON such as '{"teacher":{"kind":"ease"}}'. */
    job: { type: 'string', default: '{}' },
    /** Named jobs in the place of the default one: '{"ease 20":{"student":{"kind":"fold-in","dimensions":20}}}'. */
    jobs: { type: 'string' },
    /** Hyper-parameters are chosen with this: no test part is even imported. Results go to .runtime. */
    tune: { type: 'boolean', default: false },
    quick: { type: 'boolean', default: false },
    /** Name of the page and of the file of runs; that of the data set if not given. */
    page: { type: 'string' },
  },
});

const folder = join(root, '..', 'shared', 'data');
const sets = qualitySets(folder);
const set = sets[positionals[0] ?? ''];
if (!set) {
  console.error(`usage: npm run bench:quality -- <data set>; one of ${Object.keys(sets).join(', ')}`);
  process.exit(2);
}
const files = set.folder ?? set.name;
if (!hasData(folder, files)) {
  console.log(`SKIPPED: ${join('..', 'shared', 'data', files)} is not there, so nothing was measured.`);
  process.exit(0);
}

/** Eight numbers to a code of a byte are a bit for each number. */
const ROUNDING = {
  'seen in training': { quantization: 'int8', quantizationAware: true },
  afterwards: { quantization: 'int8', quantizationAware: false },
  'int4, seen in training': { quantization: 'int4', quantizationAware: true },
  'product codes of four numbers': { quantization: 'pq', codes: 256, codeWidth: 4 },
  'product codes of eight numbers': { quantization: 'pq', codes: 256, codeWidth: 8 },
};
const list = (text: string) => text.split(',').filter((part) => part !== '');
const base: RowSpec['job'] = { ...set.job, ...JSON.parse(options.job) };
const dimensions = options.dimensions ? list(options.dimensions).map(Number) : set.dimensions;
const rows: RowSpec[] = [
  ...Object.entries<RowSpec['job']>(options.jobs ? JSON.parse(options.jobs) : { default: base }).map(
    ([row, job]) => ({ table: 'default' as const, row, job: { ...base, ...job } }),
  ),
  ...list(options.teachers).map((kind) => ({
    table: 'teachers' as const,
    row: kind,
    job: { ...base, teacher: { ...base.teacher, kind } },
  })),
  ...dimensions.map((d) => ({
    table: 'dimensions' as const,
    row: `d = ${d}`,
    job: { ...base, student: { kind: 'fold-in', ...base.student, dimensions: d } },
  })),
  ...list(options.losses).map((kind) => ({
    table: 'losses' as const,
    row: kind,
    job: {
      ...base,
      student: { kind: 'fold-in', dimensions: 32, ...base.student },
      distillation: { ...base.distillation, losses: [{ kind }] },
    },
  })),
  ...Object.entries(ROUNDING).map(([row, student]) => ({
    table: 'rounding' as const,
    row,
    job: { ...base, student: { kind: 'fold-in', ...base.student, ...student } },
  })),
].filter(({ table }) => list(options.quick ? 'default' : options.rows).includes(table));

const pageName = options.page ?? set.name;
const results = options.tune ? join(root, '.runtime', 'quality', 'tuning') : join(root, 'bench', 'results');
const book = createRunBook(join(results, 'quality', `${pageName}.ndjson`));

/** After each row, so that what was measured stands even if a later row is cut off. */
function writePage(): string {
  const notes = join(root, 'bench', 'quality', 'notes', `${pageName}.md`);
  const text = !options.tune && existsSync(notes) ? readFileSync(notes, 'utf8') : '';
  const page = qualityPage(set!, book.runs, text, options.tune);
  mkdirSync(results, { recursive: true });
  writeFileSync(join(results, `${pageName}.md`), page);
  return page;
}

const service = await startQualityService(root);
try {
  for (const upload of set.uploads(options.tune)) await service.upload(upload);
  const { dataset } = options.tune ? set.tuning : set;
  for (const row of rows) {
    for (const seed of list(options.seeds).map(Number)) {
      const run = await runRow(service, row, { dataset, ks: set.ks, seed }).catch((error: Error) => error);
      if (run instanceof Error) {
        console.log(`${row.row}, seed ${seed}: ${run.stack}`);
        process.exitCode = 1;
        continue;
      }
      book.put(run);
      writePage();
      const told = set.headline.map((name) => {
        const of = (ranker: string) => run.rankers[ranker]?.metrics[name]?.value.toFixed(4);
        return `${name} teacher ${of('teacher')} student ${of('student')} alone ${of('student-alone')} best alone ${of('best-alone')}`;
      });
      const stages = Object.entries(run.stages).map(([stage, s]) => `${stage} ${s.toFixed(0)}`);
      console.log(
        `${row.row}, seed ${seed}: ${told.join('; ')}; ${run.seconds.toFixed(0)} s (${stages.join(', ')})`,
      );
    }
  }
} finally {
  await service.stop();
}
console.log(`\n${writePage()}`);
