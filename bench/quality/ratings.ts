/**
 * Five seeded folds of MovieLens-100K through the models of the task rating, with default settings:
 *
 *   npm run bench:quality -- ml-100k-ratings [--folds 5] [--tune] [--job '{"student":{"dimensions":8}}']
 *
 * Epochs are chosen on a tenth of each training fold, then the whole training fold is learnt. With --tune the numbers are those
 * of that tenth of the first fold and no test rating is looked at.
 */
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { createRng } from '../../src/core/rng.ts';
import { type Csr, emptyCsr, filterEntries } from '../../src/dataset/matrix.ts';
import type { Split } from '../../src/dataset/split/split.ts';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import type { Report } from '../../src/domain/reports/report.ts';
import type { SvdSettings } from '../../src/teacher/rating/svd-settings.ts';
import { createEngine } from '../../src/tensor/engine.ts';
import type { RatingSettings } from '../../src/training/tasks/rating/plan.ts';
import { openRating, prepareRating, rating } from '../../src/training/tasks/rating/task.ts';
import { runJob } from '../lib/run-job.ts';
import { csvSource } from './csv-source.ts';
import { qualitySets } from './data-sets.ts';
import { dataFolder, writePage } from './own-page.ts';

const SEED = 42;
const SCALE = { low: 1, high: 5 };

/** @param root of the repository */
export async function benchRatings(root: string, argv: string[]): Promise<void> {
  const { values: options } = parseArgs({
    args: argv,
    options: {
      folds: { type: 'string', default: '5' },
      tune: { type: 'boolean', default: false },
      job: { type: 'string', default: '{}' },
    },
  });
  const folder = dataFolder(root, 'ml-100k');
  if (!folder) return;
  const interactions = csvSource(qualitySets(dirname(folder))['ml-100k']!.uploads(false));
  const folds = Number(options.folds);
  const asked: DistillationSpec = {
    model: 'bench',
    task: 'rating',
    dataset: { ratingScale: SCALE },
    evaluation: { refit: false },
    ...JSON.parse(options.job),
  };
  const engine = await createEngine({ backend: 'auto' });
  const rows: Row[] = [];
  for (let fold = 0; fold < (options.tune ? 1 : folds); fold++) {
    const started = performance.now();
    const { report } = await runJob({
      spec: completeDistillation({ ...asked, distillation: { ...asked.distillation, seed: SEED + fold } }),
      interactions,
      engine,
      variant: {
        ...rating,
        async open(run) {
          const prepared = await prepareRating(run);
          const split = partsOf(prepared.dataset.matrix, { fold, folds }, options.tune);
          return openRating(run, { ...prepared, split });
        },
      },
    });
    const row = { fold: fold + 1, ...(report as Omit<Row, 'fold'>) };
    rows.push(row);
    const took = Math.round((performance.now() - started) / 1000);
    console.log(`${lineOf(row)}  ${took} s ${JSON.stringify(row.seconds)}`);
  }
  const page = pageOf(rows);
  console.log(page);
  if (options.tune) return;
  writePage(root, 'ml-100k-ratings', page);
}

type Row = Pick<Report, 'models' | 'comparison' | 'seconds'> & {
  fold: number;
  settings: RatingSettings & { chosenTeacher: SvdSettings; controlsTried: unknown };
};

/** The split of one fold in the place of the job's. */
function partsOf(ratings: Csr, { fold, folds }: { fold: number; folds: number }, tune: boolean): Split {
  const lots = createRng(SEED)
    .fork('folds')
    .shuffle(Int32Array.from(ratings.indices, (_, p) => p % folds));
  const draws = createRng(SEED).fork(`validation ${fold}`);
  const held = Uint8Array.from(ratings.indices, () => Number(draws.next() < 0.1));
  const only = (keep: (p: number) => boolean) => filterEntries(ratings, keep);
  const inFold = (p: number) => lots[p] !== fold;
  const inner = Uint8Array.from(ratings.indices, () => Number(draws.next() < 0.1));
  // For tuning the tenth is the test, and another tenth chooses the epochs.
  const isValidation = tune ? (p: number) => held[p] === 0 && inner[p] === 1 : (p: number) => held[p] === 1;
  const isTest = tune ? (p: number) => inFold(p) && held[p] === 1 : (p: number) => !inFold(p);
  const isTrain = (p: number) => inFold(p) && !isTest(p) && !isValidation(p);
  return {
    train: only(isTrain),
    validation: only((p) => inFold(p) && isValidation(p)),
    test: only(isTest),
    foldIn: emptyCsr(ratings.rows, ratings.columns),
    validationIsHistory: true,
    kinds: new Uint8Array(ratings.rows),
  };
}

const NAMES = ['teacher', 'student', 'student-float32', 'student-alone', 'best-alone', 'means'] as const;
const errorOf = ({ models }: Row, name: string, metric: 'rmse' | 'mae') =>
  models.find((one) => one.name === name)!.metrics[metric]!.value;
const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

function lineOf(row: Row): string {
  const errors = NAMES.map((name) => errorOf(row, name, 'rmse').toFixed(4));
  return `| ${row.fold} | ${errors.join(' | ')} | ${row.comparison.retained.rmse!.value.toFixed(4)} | ${row.settings.chosenTeacher.epochs} |`;
}

function pageOf(rows: Row[]): string {
  const { chosenTeacher, controlsTried, ...settings } = rows[0]!.settings;
  const average = (metric: 'rmse' | 'mae') =>
    NAMES.map((name) => mean(rows.map((row) => errorOf(row, name, metric))).toFixed(4)).join(' | ');
  const [teacher, student, best] = ['teacher', 'student', 'best-alone'].map(
    (name) => rows[0]!.models.find((one) => one.name === name)!,
  );
  const ratio = mean(rows.map(({ comparison }) => comparison.retained.rmse!.value));
  return `# Ratings on MovieLens-100K

\`npm run bench:quality -- ml-100k-ratings\`: ${rows.length} folds of the 100,000 ratings, drawn with seed ${SEED}; RMSE on each fold of models that learned from the
others. Settings are the defaults, which were tuned inside the training part of one fold; epochs are chosen on a tenth of each training part.
The student is evaluated as it is served (int8, the scan's arithmetic), from each user's training ratings alone.

Targets: teacher <= .9355 (Surprise's SVD), aim .92; student within 1 % of its teacher.

| fold | ${NAMES.join(' | ')} | teacher / student | epochs of the teacher |
|---|${NAMES.map(() => '---|').join('')}---|---|
${rows.map(lineOf).join('\n')}
| mean RMSE | ${average('rmse')} | ${ratio.toFixed(4)} | |
| mean MAE | ${average('mae')} | | |

Teacher: ${teacher!.description}, ${teacher!.bytes.toLocaleString('en')} bytes. Student: ${student!.description}, ${student!.bytes.toLocaleString('en')} bytes. Best small model without a teacher: ${best!.description}, ${best!.bytes.toLocaleString('en')} bytes; RMSE
on validation of the first fold: \`${JSON.stringify(controlsTried)}\`.

Settings: \`${JSON.stringify(settings)}\`
`;
}
