import type { Rng } from '../../../core/rng.ts';
import { type Csr, columnSums, rowItems, selectRows } from '../../../dataset/matrix.ts';
import { clipped, type RatingScale } from '../../../dataset/ratings.ts';
import { KIND_OF } from '../../../dataset/split/history-kinds.ts';
import { countedUsers, whyNoUsers } from '../../../dataset/split/kinds.ts';
import { historyFor, newestKnown, type Split } from '../../../dataset/split/split.ts';
import { UNRANKED } from '../../../domain/reports/model-report.ts';
import type { Report } from '../../../domain/reports/report.ts';
import { createResampling, intervalInWords, type Resampling } from '../../../evaluation/bootstrap.ts';
import { compareModels, type Pairing } from '../../../evaluation/comparison.ts';
import { evaluatedUsers, type OnRanked } from '../../../evaluation/evaluate.ts';
import { historyReports } from '../../../evaluation/history-reports.ts';
import {
  addErrors,
  emptyErrors,
  errorsOf,
  joinErrors,
  mae,
  pairPredictors,
  type RatingErrors,
  rmse,
} from '../../../evaluation/rating-errors.ts';
import { joinSeeds, seedReports } from '../../../evaluation/seeds.ts';
import { HISTORY_CLASSES, historyClass, ITEM_CLASSES, itemClasses } from '../../../evaluation/segments.ts';
import type { Predictor } from './predictors.ts';

export interface RatingTest {
  split: Split;
  scale: RatingScale;
  /** Newest ratings of a history that are read. */
  maxHistory: number;
  /** Called with each predictor's predictions of all items, and the items of the user's test ratings. */
  onPredicted?: OnRanked | undefined;
}

/** Errors of one predictor, and its differences from the teacher; null for the teacher itself. */
interface Tallied {
  errors: RatingErrors;
  toTeacher: RatingErrors | null;
}

export type RatingAssessment = Pick<Report, 'models' | 'comparison' | 'histories' | 'seeds' | 'protocol'> & {
  testUsers: number;
};

const BATCH = 128;

/**
 * Measures all predictors on the test ratings. The teacher comes first: the others are compared with it. Those of further
 * seeds come again under their names, in the order of the seeds.
 */
export async function assessRatings(
  predictors: readonly Predictor[],
  { split, scale, maxHistory, onPredicted }: RatingTest,
  { unseenShare, seeds }: { unseenShare: number; seeds: readonly number[] },
  rng: Rng,
  onFraction: (fraction: number) => Promise<void>,
): Promise<RatingAssessment> {
  const { test, kinds } = split;
  const known = newestKnown(split, historyFor(split, 'test'), maxHistory);
  const users = evaluatedUsers(test);
  const counted = countedUsers(kinds, test);
  const tallies = predictors.map((_, i) => ({
    errors: emptyErrors(users.length),
    toTeacher: i === 0 ? null : emptyErrors(users.length),
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
        if (tallies[i]!.toTeacher) addErrors(tallies[i]!.toTeacher, from + b, own, taught, b);
        if (counted(batch[b]!)) tallies[i]!.segments.add(own, truth, b, batch[b]!);
        onPredicted?.(predictor.name, batch[b]!, rowItems(truth, b), own);
      }
    }
    await onFraction(Math.min(1, (from + BATCH) / users.length));
  }
  const placesOf = (isWanted: (user: number) => boolean) =>
    Int32Array.from(users.keys()).filter((place) => isWanted(users[place]!));
  const places = placesOf(counted);
  const resampling = createResampling(places.length, rng, seeds.length);
  const some = ({ errors, toTeacher }: Tallied, at: Int32Array): Tallied => ({
    errors: errorsOf(errors, at, users.length),
    toTeacher: toTeacher && errorsOf(toTeacher, at, users.length),
  });
  const trained = predictors.map((one, i) => ({
    ...one,
    tally: tallies[i]!,
    outcome: tallies[i]! as Tallied,
  }));
  const whole = joinSeeds(trained, joinTallies);
  const measured = whole.map((one) => ({ ...one, outcome: some(one.outcome, places) }));
  const bySeed = trained.map(({ name, outcome }) => ({ name, outcome: some(outcome, places) }));
  return {
    models: measured.map(({ name, role, description, parameters, bytes, outcome, tally }) => ({
      ...UNRANKED,
      ...{ name, role, description, parameters, bytes },
      ...figuresOf(outcome, resampling),
      segments: tally.segments.rows(),
    })),
    comparison: compareModels(measured, pairing(resampling)),
    histories: historyReports<Tallied>(
      {
        models: whole,
        placesOf: (kind) => placesOf((user) => kinds[user] === KIND_OF[kind]),
        whyNone: (kind) => whyNoUsers(kind, split, unseenShare),
        seeds: seeds.length,
        some,
        figures: figuresOf,
        pair: pairing,
      },
      rng.fork('histories'),
    ),
    ...(seeds.length > 1 && { seeds: seedReports(seeds, bySeed, figuresOf) }),
    testUsers: places.length,
    protocol: {
      predictions: 'clipped to the scale, on the test pairs alone',
      histories: `${split.validationIsHistory ? 'training and validation ratings' : 'training ratings'}, the newest ${maxHistory} of each user, as in serving`,
      interval: intervalInWords(seeds.length),
    },
  };
}

function pairing(resampling: Resampling): Pairing<Tallied> {
  const { share, gain } = pairPredictors(resampling);
  return {
    share: (one, other) => share(one.errors, other.errors),
    gain: (one, other) => gain(one.errors, other.errors),
  };
}

function joinTallies(tallies: readonly Tallied[]): Tallied {
  return {
    errors: joinErrors(tallies.map(({ errors }) => errors)),
    toTeacher: joinErrors(tallies.flatMap(({ toTeacher }) => toTeacher ?? [])),
  };
}

function figuresOf({ errors, toTeacher }: Tallied, resampling: Resampling) {
  return {
    metrics: { rmse: rmse(errors, resampling), mae: mae(errors, resampling) },
    fidelity: toTeacher && { distance: rmse(toTeacher, resampling) },
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
          count: sums[i]!.ratings,
          metrics: { rmse: Math.sqrt(sums[i]!.squares / Math.max(1, sums[i]!.ratings)) },
        }))
        .filter(({ count }) => count > 0),
  };
}
