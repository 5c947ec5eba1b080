import { WEIGHTS_FILE } from '../../../artifact/format/checked-tensors.ts';
import { loadStudent } from '../../../artifact/student/load.ts';
import { holdsLabels } from '../../../artifact/student/load-any.ts';
import { describeStudent, parameterCount } from '../../../artifact/student/student-weights.ts';
import type { Rng } from '../../../core/rng.ts';
import { type Csr, selectRows } from '../../../dataset/matrix.ts';
import { clipped, type RatedDataset, type RatingScale, weightingOf } from '../../../dataset/ratings.ts';
import { countedUsers } from '../../../dataset/split/kinds.ts';
import { historyFor, newestKnown, type Split } from '../../../dataset/split/split.ts';
import { pairsOf } from '../../../dataset/split/split-parts.ts';
import { UNRANKED } from '../../../domain/reports/model-report.ts';
import { createResampling } from '../../../evaluation/bootstrap.ts';
import { evaluatedUsers } from '../../../evaluation/evaluate.ts';
import {
  addErrors,
  emptyErrors,
  joinErrors,
  mae,
  pairPredictors,
  type RatingErrors,
  rmse,
} from '../../../evaluation/rating-errors.ts';
import { createStudentScorer } from '../../../scoring/student-scorer.ts';
import { MAX_HISTORY } from '../../../scoring/user-vector.ts';
import { fairTest } from '../../live/fair-test.ts';
import { findLive, type LiveSources, NotComparable, openLive, warnIfNot } from '../../live/find-live.ts';
import { describeLive, type LiveComparison } from '../../live/live-comparison.ts';
import type { RatingSettings } from './plan.ts';
import { type Predictor, previousPredictions } from './predictors.ts';

interface RatingJob {
  dataset: RatedDataset;
  split: Split;
  settings: RatingSettings;
}

interface OpenedLive {
  predictor: Predictor;
  /** Newest ratings of a history that it reads. */
  maxHistory: number;
}

/** Measures the live version and the student on the test ratings that it has not learned from. @param students one for each seed */
export async function compareLiveRatings(
  run: LiveSources,
  job: RatingJob,
  students: readonly Predictor[],
  rng: Rng,
): Promise<LiveComparison | undefined> {
  const version = await findLive(run);
  const live = version && (await openLive(run, version, ({ artifact }) => openStudent(run, artifact, job)));
  if (!live) return undefined;
  return warnIfNot(run, live.version, undefined, async () => {
    const { dataset, split, settings } = job;
    const matrix = pairsOf(split.test, countedUsers(split.kinds, split.test));
    const { heldOut } = fairTest({ ...dataset, matrix }, live.learned);
    const users = evaluatedUsers(heldOut);
    const shown = (newest: number) => newestKnown(split, historyFor(split, 'test'), newest);
    const errorsOf = (predictor: Predictor, histories: Csr) =>
      tallyErrors(predictor, { histories, heldOut, users, scale: dataset.scale });
    const own = errorsOf(live.predictor, shown(live.maxHistory));
    const read = shown(settings.maxHistory);
    const student = joinErrors(students.map((one) => errorsOf(one, read)));
    const resampling = createResampling(users.length, rng, students.length);
    const metricsOf = (errors: RatingErrors) => ({
      rmse: rmse(errors, resampling),
      mae: mae(errors, resampling),
    });
    const over = { users: users.length, pairs: heldOut.indices.length, student: metricsOf(student) };
    const { name, role, description, parameters, bytes } = live.predictor;
    return {
      model: {
        ...UNRANKED,
        ...{ name, role, parameters, bytes, version: live.version.version, over },
        description: `${description}; over ${over.users} users with ${over.pairs} test ratings that it has not learned from`,
        metrics: metricsOf(own),
        fidelity: null,
        segments: [],
      },
      gains: pairPredictors(resampling).gain(student, own),
    };
  });
}

/** @throws NotComparable for a student of another kind */
async function openStudent(
  { artifacts }: LiveSources,
  artifact: string,
  { dataset, settings }: RatingJob,
): Promise<OpenedLive> {
  const refuse = (predicts: string) => new NotComparable(`it ${predicts}, and this job predicts ratings`);
  if (await holdsLabels(artifacts, artifact)) throw refuse('predicts labels');
  const { manifest, weights, items } = await loadStudent(artifacts, artifact);
  if (!weights.rating) throw refuse('ranks items');
  const rows = new Map(items.map((id, row) => [id, row]));
  const oldRows = Int32Array.from(dataset.items, (id) => rows.get(id) ?? -1);
  const unknown = oldRows.filter((row) => row < 0).length;
  if (unknown === dataset.items.length) throw new NotComparable('it knows none of the items of the data');
  const maxHistory = manifest.maxHistory ?? MAX_HISTORY;
  const weighting = weightingOf(settings.types);
  const { low, high } = weights.rating;
  const { scale } = dataset;
  const otherScale =
    low === scale.low && high === scale.high ? '' : `, made for ratings from ${low} to ${high}`;
  return {
    maxHistory,
    predictor: {
      name: 'live',
      role: 'live',
      description: describeLive(
        `${describeStudent(weights)}${otherScale}`,
        {
          live: { maxHistory, weighting: manifest.weighting },
          job: { maxHistory: settings.maxHistory, weighting },
        },
        { items: unknown, are: 'get the mean of what it predicts for the user' },
      ),
      parameters: parameterCount(weights),
      bytes: manifest.files[WEIGHTS_FILE]!.bytes,
      predictions: previousPredictions(createStudentScorer(weights).ratings!, oldRows, items.length),
    },
  };
}

const BATCH = 128;

/** Errors of one predictor, by user. */
function tallyErrors(
  { predictions }: Predictor,
  {
    histories,
    heldOut,
    users,
    scale,
  }: { histories: Csr; heldOut: Csr; users: Int32Array; scale: RatingScale },
): RatingErrors {
  const errors = emptyErrors(users.length);
  for (let from = 0; from < users.length; from += BATCH) {
    const batch = users.subarray(from, from + BATCH);
    const said = clipped(predictions(selectRows(histories, batch)), scale);
    const truth = selectRows(heldOut, batch);
    for (let b = 0; b < batch.length; b++) {
      const own = said.subarray(b * truth.columns, (b + 1) * truth.columns);
      addErrors(errors, from + b, own, truth, b);
    }
  }
  return errors;
}
