import type { Rng } from '../../../core/rng.ts';
import { type Csr, columnSums, rowItems, selectRows } from '../../../dataset/matrix.ts';
import { clipped, type RatingScale } from '../../../dataset/ratings.ts';
import type { RatingReport } from '../../../domain/reports/rating-report.ts';
import { createResampling, type Resampling } from '../../../evaluation/bootstrap.ts';
import { evaluatedUsers, type OnRanked } from '../../../evaluation/evaluate.ts';
import {
  addErrors,
  emptyErrors,
  mae,
  type RatingErrors,
  rmse,
  rmseDifference,
  rmseRatio,
} from '../../../evaluation/rating-errors.ts';
import { HISTORY_CLASSES, historyClass, ITEM_CLASSES, itemClasses } from '../../../evaluation/segments.ts';
import type { Predictor } from './predictors.ts';

export interface RatingTest {
  /** [users, items] what is known of each user by then, and read. */
  histories: Csr;
  test: Csr;
  scale: RatingScale;
  maxHistory: number;
  /** Called with each predictor's predictions of all items, and the items of the user's test ratings. */
  onPredicted?: OnRanked | undefined;
}

export type RatingAssessment = Pick<RatingReport, 'predictors' | 'comparison' | 'protocol'> & {
  testUsers: number;
};

const BATCH = 128;

/** Measures all predictors on the test ratings. The teacher comes first: the others are compared with it. */
export async function assessRatings(
  predictors: readonly Predictor[],
  { histories: known, test, scale, maxHistory, onPredicted }: RatingTest,
  rng: Rng,
  onFraction: (fraction: number) => Promise<void>,
): Promise<RatingAssessment> {
  const users = evaluatedUsers(test);
  const tallies = predictors.map(() => ({
    errors: emptyErrors(users.length),
    toTeacher: emptyErrors(users.length),
    segments: createSegments(known),
  }));
  for (let from = 0; from < users.length; from += BATCH) {
    const batch = users.subarray(from, from + BATCH);
    const rows = selectRows(known, batch);
    const truth = selectRows(test, batch);
    let taught: Csr | undefined;
    for (const [i, predictor] of predictors.entries()) {
      const predictions = clipped(predictor.predictions(rows), scale);
      taught ??= { ...truth, values: valuesAt(predictions, truth) };
      for (let b = 0; b < batch.length; b++) {
        const own = predictions.subarray(b * truth.columns, (b + 1) * truth.columns);
        addErrors(tallies[i]!.errors, from + b, own, truth, b);
        addErrors(tallies[i]!.toTeacher, from + b, own, taught, b);
        tallies[i]!.segments.add(own, truth, b, batch[b]!);
        onPredicted?.(predictor.name, batch[b]!, rowItems(truth, b), own);
      }
    }
    await onFraction(Math.min(1, (from + BATCH) / users.length));
  }
  const resampling = createResampling(users.length, rng);
  const byName = new Map(predictors.map(({ name }, i) => [name, tallies[i]!.errors]));
  const bytesOf = (name: Predictor['name']) => predictors.find((one) => one.name === name)!.bytes;
  return {
    predictors: predictors.map(({ name, description, parameters, bytes }, i) => ({
      name,
      description,
      rmse: rmse(tallies[i]!.errors, resampling),
      mae: mae(tallies[i]!.errors, resampling),
      distanceToTeacher: i === 0 ? null : rmse(tallies[i]!.toTeacher, resampling),
      parameters,
      bytes,
      segments: tallies[i]!.segments.rows(),
    })),
    comparison: compare(byName, bytesOf('teacher') / bytesOf('student'), resampling),
    testUsers: users.length,
    protocol: {
      predictions: 'clipped to the scale, on the test pairs alone',
      histories: `training and validation ratings, the newest ${maxHistory} of each user, as in serving`,
      interval: '95 %, percentile bootstrap over users, 1,000 replicates; comparisons are paired',
    },
  };
}

function compare(
  errors: ReadonlyMap<string, RatingErrors>,
  compressionRatio: number,
  resampling: Resampling,
): RatingReport['comparison'] {
  const student = errors.get('student')!;
  return {
    compressionRatio,
    rmseToTeacher: rmseRatio(student, errors.get('teacher')!, resampling),
    rmseToAlone: rmseDifference(student, errors.get('student-alone')!, resampling),
    rmseToMeans: rmseDifference(student, errors.get('means')!, resampling),
  };
}

function valuesAt(predictions: Float32Array, pairs: Csr): Float32Array {
  const values = new Float32Array(pairs.indices.length);
  for (let r = 0; r < pairs.rows; r++) {
    for (let p = pairs.indptr[r]!; p < pairs.indptr[r + 1]!; p++)
      values[p] = predictions[r * pairs.columns + pairs.indices[p]!]!;
  }
  return values;
}

/** Adds up squared errors by popularity of the item and by length of the history. */
function createSegments(histories: Csr) {
  const counts = columnSums({ ...histories, values: new Float32Array(histories.values.length).fill(1) });
  const classes = itemClasses(counts);
  const names = [
    ...ITEM_CLASSES.map((name) => `items:${name}`),
    ...HISTORY_CLASSES.map(({ name }) => `history:${name}`),
  ];
  const sums = names.map(() => ({ ratings: 0, squares: 0 }));
  return {
    add(predictions: Float32Array, truth: Csr, row: number, user: number): void {
      const history = sums[ITEM_CLASSES.length + historyClass(histories, user)]!;
      for (let p = truth.indptr[row]!; p < truth.indptr[row + 1]!; p++) {
        const item = truth.indices[p]!;
        const square = (predictions[item]! - truth.values[p]!) ** 2;
        for (const sum of [sums[classes[item]!]!, history]) {
          sum.ratings++;
          sum.squares += square;
        }
      }
    },
    rows: () =>
      names
        .map((segment, i) => ({
          segment,
          ratings: sums[i]!.ratings,
          rmse: Math.sqrt(sums[i]!.squares / Math.max(1, sums[i]!.ratings)),
        }))
        .filter(({ ratings }) => ratings > 0),
  };
}
