import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs';
import path from 'node:path';
import { parseArgs } from 'node:util';
import { createFsStore } from '../src/artifact/store/fs-store.ts';
import type { RegisteredVersion } from '../src/domain/answers/model.ts';
import { completeDistillation } from '../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../src/domain/jobs/distillation-spec.ts';
import type { Report } from '../src/domain/reports/report.ts';
import { sourceOf } from '../test/helpers/data.ts';
import { runJob, temporary } from './lib/run-job.ts';
import { films, ratingsInOrder, withoutNewestLiked } from './transfer/movielens.ts';
import { transferPage } from './transfer/page.ts';

/**
 * Knowledge transfer on MovieLens-100K, split in time: version 1 is trained on the oldest share of the ratings, its successors
 * on all of them; each user's newest fifth is the test, as in every job.
 *   npm run bench:transfer -- [--old 0.7] [--seeds 1,2,3] [--jobs '{"name":{"distillation":{}}}'] [--tune] [--add]
 * With --tune each user's newest fifth of the films is left out: what is tuned on never meets the test.
 */
const { values: options } = parseArgs({
  options: {
    old: { type: 'string', default: '0.7' },
    seeds: { type: 'string', default: '1' },
    /** Successors in the place of those on the page, by name: what each asks beside its teacher. */
    jobs: { type: 'string' },
    /** What version 1 asks for, and the job from scratch beside it. */
    first: { type: 'string', default: '{}' },
    tune: { type: 'boolean', default: false },
    dry: { type: 'boolean', default: false },
    /** Beside the rows of the last page, for seeds that run one by one. */
    add: { type: 'boolean', default: false },
  },
});

/** What a student that is distilled from scratch takes on this data; a successor's default is a fifth, or a tenth. */
const ALL = 60;
const SUCCESSORS: Record<string, Partial<DistillationSpec>> = options.jobs
  ? JSON.parse(options.jobs)
  : {
      "successor, from the version's teacher": { teacher: { part: 'teacher' } },
      "successor, from the version's student": { teacher: { part: 'student' } },
    };

const asked: Partial<DistillationSpec> = JSON.parse(options.first);
const ratings = options.tune ? withoutNewestLiked(ratingsInOrder()) : ratingsInOrder();
const catalogue = films();
const old = ratings.slice(0, Math.floor(Number(options.old) * ratings.length));
const artifacts = createFsStore(`file:${temporary('transfer')}`);

interface Row {
  name: string;
  seed: number;
  epochs: number;
  report: Report;
}
/** What the page is made of, on this machine alone: reports are large. */
const LAST = path.resolve('.runtime/transfer-rows.json');
const rows: Row[] = options.add && existsSync(LAST) ? JSON.parse(readFileSync(LAST, 'utf8')) : [];

for (const seed of options.seeds.split(',').map(Number)) {
  const versions: RegisteredVersion[] = [];
  const run = async (name: string, spec: Partial<DistillationSpec>, data: typeof ratings) => {
    const { version, report: read } = await runJob({
      jobId: `${seed}-${rows.length}-${versions.length}`,
      spec: completeDistillation({
        evaluation: { refit: false },
        ...spec,
        model: 'films',
        distillation: { seed, ...spec.distillation },
      }),
      interactions: sourceOf(data, 10_000),
      store: {
        models: { names: async () => ['films'], versions: async () => versions },
        catalogue: { getItems: async (ids) => ids.flatMap((id) => catalogue.get(id) ?? []) },
      },
      artifacts,
    });
    const report = read as Report;
    const { epochs } = report.settings.distillation as { epochs: number };
    rows.push({ name, seed, epochs, report });
    console.log(lineOf(rows.at(-1)!));
    return version;
  };
  const first = await run('version 1, old data', asked, old);
  versions.push({ ...first, version: 1, createdAt: '', aliases: ['stable'] });
  await run('from scratch, with a new teacher', { ...asked, distillation: { epochs: ALL } }, ratings);
  for (const [name, spec] of Object.entries(SUCCESSORS)) {
    await run(
      name,
      { ...spec, teacher: { model: 'films', version: 1, ...(spec.teacher as object) } },
      ratings,
    );
  }
}

function lineOf({ name, seed, epochs, report }: Row): string {
  const { transfer, seconds } = report;
  const figures = report.rankers.map(({ name, metrics, segments }) => {
    const of = (which: string) => segments.find(({ segment }) => segment === which)?.metrics['recall@20'];
    const all = [metrics['ndcg@10']!.value, metrics['recall@20']!.value, of('items:old'), of('items:new')];
    return [name, all.map((x) => x?.toFixed(4) ?? '-').join(' ')];
  });
  const curve = transfer?.curves.student.map((point) => point['ndcg@10'].toFixed(4)).join(' ');
  return JSON.stringify({ name, seed, epochs, ...Object.fromEntries(figures), curve, seconds });
}

if (!options.tune && !options.dry) {
  const folder = path.resolve('bench/results');
  mkdirSync(folder, { recursive: true });
  writeFileSync(LAST, JSON.stringify(rows));
  writeFileSync(
    path.join(folder, 'transfer.md'),
    transferPage(rows, Number(options.old), [
      ...['--seeds', [...new Set(rows.map(({ seed }) => seed))].join(',')],
      ...(options.first === '{}' ? [] : ['--first', `'${options.first}'`]),
    ]),
  );
}
