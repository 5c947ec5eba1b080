/**
 * Five seeded folds of MovieLens-100K through the models of the task rating, with default settings:
 *
 *   npm run bench:quality -- ml-100k-ratings [--folds 5] [--tune] [--job '{"student":{"dimensions":8}}']
 *
 * Epochs are chosen on a tenth of each training fold, then the whole training fold is learnt. With --tune the numbers are those
 * of that tenth of the first fold and no test rating is looked at.
 */
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { parseArgs } from 'node:util';
import { gunzipSync } from 'node:zlib';
import { createRng } from '../../src/core/rng.ts';
import { type Csr, emptyCsr, filterEntries } from '../../src/dataset/matrix.ts';
import { completeDistillation } from '../../src/domain/jobs/complete-distillation.ts';
import type { DistillationSpec } from '../../src/domain/jobs/distillation-spec.ts';
import type { RatingReport } from '../../src/domain/reports/rating-report.ts';
import { createEngine } from '../../src/tensor/engine.ts';
import { assessRatings } from '../../src/training/tasks/rating/assess.ts';
import { planRating, planTrained } from '../../src/training/tasks/rating/plan.ts';
import { predictorsOf } from '../../src/training/tasks/rating/predictors.ts';
import {
  type RatingLesson,
  trainControl,
  trainDistilled,
  trainRatingTeacher,
} from '../../src/training/tasks/rating/train-models.ts';
import { createRatingValidation } from '../../src/training/tasks/rating/validation.ts';
import { dataFolder, writePage } from './own-page.ts';

const SEED = 42;
const SCALE = { low: 1, high: 5, from: 'job' as const };

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
  const ratings = readRatings(join(folder, 'ratings.csv.gz'));
  const folds = Number(options.folds);
  const rng = createRng(SEED);
  const lots = rng.fork('folds').shuffle(Int32Array.from(ratings.indices, (_, p) => p % folds));
  const asked: DistillationSpec = { model: 'bench', task: 'rating', ...JSON.parse(options.job) };
  const spec = completeDistillation(asked);
  const settings = planRating(spec, { users: ratings.rows, items: ratings.columns });
  const engine = await createEngine({ backend: 'auto' });
  const rows: Row[] = [];
  for (let fold = 0; fold < (options.tune ? 1 : folds); fold++) {
    const started = performance.now();
    const { split, learned, test } = partsOf(ratings, lots, fold, options.tune);
    const seconds: Record<string, number> = {};
    const timed = async <T>(stage: string, work: () => Promise<T>): Promise<T> => {
      const from = performance.now();
      const result = await work();
      seconds[stage] = Math.round(performance.now() - from) / 1000;
      return result;
    };
    const foldRng = createRng(SEED + fold);
    const lesson: RatingLesson = {
      train: split.train,
      learned,
      scale: SCALE,
      settings,
      validation: createRatingValidation(split, SCALE, foldRng.fork('validation')),
    };
    const fit = { engine, rng: foldRng, signal: new AbortController().signal, onProgress: () => {} };
    const teacher = await timed('teacher', () =>
      trainRatingTeacher(lesson, planTrained(spec), { choosing: fit, learning: fit }),
    );
    const student = await timed('distillation', () => trainDistilled(teacher, lesson, fit));
    const control = await timed('student-alone', () => trainControl(lesson, fit));
    const firstSeen = new Float64Array(ratings.indices.length).fill(Number.NaN);
    const { predictors, comparison } = await assessRatings(
      predictorsOf({ teacher, student, control }, learned, settings.student.shrinkage),
      { histories: learned, test, dataset: { scale: SCALE, matrix: ratings, firstSeen } },
      createRng(SEED),
      async () => {},
    );
    for (const one of [student, control]) one.dispose();
    const row = { fold: fold + 1, predictors, comparison, epochs: teacher.settings.epochs, seconds };
    rows.push(row);
    const took = Math.round((performance.now() - started) / 1000);
    console.log(`${lineOf(row)}  ${took} s ${JSON.stringify(seconds)}`);
  }
  const page = pageOf(rows, settings);
  console.log(page);
  if (options.tune) return;
  writePage(root, 'ml-100k-ratings', page);
}

type Row = Pick<RatingReport, 'predictors' | 'comparison'> & {
  fold: number;
  epochs: number;
  seconds: Record<string, number>;
};

function partsOf(ratings: Csr, lots: Int32Array, fold: number, tune: boolean) {
  const draws = createRng(SEED).fork(`validation ${fold}`);
  const held = Uint8Array.from(ratings.indices, () => Number(draws.next() < 0.1));
  const only = (keep: (p: number) => boolean) => filterEntries(ratings, keep);
  const inFold = (p: number) => lots[p] !== fold;
  const inner = Uint8Array.from(ratings.indices, () => Number(draws.next() < 0.1));
  // For tuning the tenth is the test, and another tenth chooses the epochs.
  const isValidation = tune ? (p: number) => held[p] === 0 && inner[p] === 1 : (p: number) => held[p] === 1;
  const isTest = tune ? (p: number) => inFold(p) && held[p] === 1 : (p: number) => !inFold(p);
  const isTrain = (p: number) => inFold(p) && !isTest(p) && !isValidation(p);
  const test = only(isTest);
  return {
    test,
    learned: only((p) => inFold(p) && !isTest(p)),
    split: {
      train: only(isTrain),
      validation: only((p) => inFold(p) && isValidation(p)),
      test,
      foldIn: emptyCsr(ratings.rows, ratings.columns),
      validationIsHistory: true,
    },
  };
}

function readRatings(file: string): Csr {
  const lines = gunzipSync(readFileSync(file)).toString().trim().split('\n');
  const columns = lines[0]!.split(',');
  const [user, item, rating] = ['userId', 'itemId', 'rating'].map((name) => columns.indexOf(name));
  const rows = lines.slice(1).map((line) => line.split(','));
  const index = (place: number) => {
    const ids = [...new Set(rows.map((cells) => cells[place]!))].sort();
    return new Map(ids.map((id, i) => [id, i]));
  };
  const [users, items] = [index(user!), index(item!)];
  const triples = rows
    .map((cells) => [users.get(cells[user!]!)!, items.get(cells[item!]!)!, Number(cells[rating!])] as const)
    .sort((a, b) => a[0] - b[0] || a[1] - b[1]);
  const indptr = new Int32Array(users.size + 1);
  for (const [u] of triples) indptr[u + 1]!++;
  for (let u = 0; u < users.size; u++) indptr[u + 1]! += indptr[u]!;
  return {
    rows: users.size,
    columns: items.size,
    indptr,
    indices: Int32Array.from(triples, ([, i]) => i),
    values: Float32Array.from(triples, ([, , r]) => r),
  };
}

const NAMES = ['teacher', 'student', 'student-float32', 'student-alone', 'means'] as const;
const errorOf = ({ predictors }: Row, name: string, metric: 'rmse' | 'mae') =>
  predictors.find((one) => one.name === name)![metric].value;
const mean = (values: number[]) => values.reduce((sum, x) => sum + x, 0) / values.length;

function lineOf(row: Row): string {
  const errors = NAMES.map((name) => errorOf(row, name, 'rmse').toFixed(4));
  return `| ${row.fold} | ${errors.join(' | ')} | ${row.comparison.rmseToTeacher.value.toFixed(4)} | ${row.epochs} |`;
}

function pageOf(rows: Row[], settings: object): string {
  const average = (metric: 'rmse' | 'mae') =>
    NAMES.map((name) => mean(rows.map((row) => errorOf(row, name, metric))).toFixed(4)).join(' | ');
  const [teacher, student] = ['teacher', 'student'].map(
    (name) => rows[0]!.predictors.find((one) => one.name === name)!,
  );
  const ratio = mean(rows.map(({ comparison }) => comparison.rmseToTeacher.value));
  return `# Ratings on MovieLens-100K

\`npm run bench:quality -- ml-100k-ratings\`: ${rows.length} folds of the 100,000 ratings, drawn with seed ${SEED}; RMSE on each fold of models that learned from the
others. Settings are the defaults, which were tuned inside the training part of one fold; epochs are chosen on a tenth of each training part.
The student is evaluated as it is served (int8, the scan's arithmetic), from each user's training ratings alone.

Targets: teacher <= .9355 (Surprise's SVD), aim .92; student within 1 % of its teacher.

| fold | ${NAMES.join(' | ')} | student / teacher | epochs of the teacher |
|---|${NAMES.map(() => '---|').join('')}---|---|
${rows.map(lineOf).join('\n')}
| mean RMSE | ${average('rmse')} | ${ratio.toFixed(4)} | |
| mean MAE | ${average('mae')} | | |

Teacher: ${teacher!.description}, ${teacher!.bytes.toLocaleString('en')} bytes. Student: ${student!.description}, ${student!.bytes.toLocaleString('en')} bytes.

Settings: \`${JSON.stringify(settings)}\`
`;
}
