import { setImmediate as breathe } from 'node:timers/promises';
import { problem } from '../../core/errors.ts';
import { type Csr, rowIdOf, rowLength, selectRows } from '../../dataset/matrix.ts';
import type { NewItems } from '../../dataset/new-items.ts';
import type { EpochRecord, TrainingState } from '../../tensor/train/fit.ts';
import type { TeacherState, TrainingContext } from '../contract.ts';
import { createKnownRows } from '../stored/known-rows.ts';
import { paceOf } from '../stored/warm-start.ts';
import type { RatingTeacher } from './contract.ts';
import { foldSvdUsers, type SvdFactors, type SvdTrainingState, startSvd } from './svd-plus-plus.ts';
import type { SvdSettings } from './svd-settings.ts';
import { type SvdModel, svdModel, svdState, svdWeights } from './svd-state.ts';

export interface SvdContext extends Pick<TrainingContext, 'rng' | 'signal' | 'onProgress' | 'resume'> {
  /** [users, items] */
  ratings: Csr;
  /** This teacher as it was trained before on fewer ratings, to go on from; rows of users are the same. */
  start?: { teacher: TeacherState; newItems: NewItems };
  /** RMSE of predictions on what is held out for choosing the epochs; lower is better. */
  validation?: { rmse(predictions: (histories: Csr) => Float32Array): number; patience: number };
}

/**
 * Trains for the epochs of the settings, or until validation gets no better; the epochs that were best are in the settings of
 * the teacher, which is the one of the last epoch: it is trained again on everything that is known with as many.
 */
export async function trainSvdTeacher(settings: SvdSettings, context: SvdContext): Promise<RatingTeacher> {
  const { ratings, rng, validation, signal, resume, start } = context;
  const from = resume?.resumeFrom;
  const before = start && {
    newItems: start.newItems,
    weights: svdWeights(start.teacher, start.newItems.map.columns),
  };
  const pace = { ...settings, ...paceOf(settings, before) };
  const training = startSvd(ratings, pace, rng.fork('teacher'), { from: from && startOf(from), before });
  let epoch = from?.epoch ?? 0;
  let best = { epoch: pace.epochs, rmse: Number.POSITIVE_INFINITY };
  if (from?.stopping) best = { epoch: from.stopping.bestEpoch, rmse: from.stopping.bestMetric };
  const isDone = () =>
    epoch >= pace.epochs || (validation !== undefined && epoch - best.epoch >= validation.patience);
  const report = createReport(context, pace);
  const history: EpochRecord[] = [...(from?.history ?? [])];
  for (const past of history) report(past, true);
  const predict = (histories: Csr) =>
    predictions(training.factors, settings, histories, rowOfTrained(ratings));
  while (!isDone()) {
    const started = performance.now();
    training.runEpoch();
    epoch++;
    const seconds = (performance.now() - started) / 1000;
    const rmse = validation?.rmse(predict);
    if (rmse !== undefined && rmse < best.rmse) best = { epoch, rmse };
    const record = { epoch, losses: {}, metric: rmse, seconds };
    history.push(record);
    report(record);
    if (resume && (isDone() || (resume.checkpointDue?.() ?? true)))
      await resume.onCheckpoint?.(
        checkpointOf(training.state(), [...history], validation && { ...best, epochs: epoch }),
      );
    await breathe();
    if (signal.aborted) throw problem('cancelled', 'training was cancelled', {}, signal.reason);
  }
  const { factors } = training;
  const chosen = { ...settings, epochs: validation ? best.epoch : settings.epochs };
  return teacherOf({ settings: chosen, factors, trained: ratings }, rowOfTrained(ratings));
}

/** Restores a teacher for the data that it was trained on: users are known by their rows. */
export function restoreSvdTeacher(state: TeacherState, items: number): RatingTeacher {
  const model = svdModel(state, items);
  return teacherOf(model, rowOfTrained(model.trained));
}

/** Opens a model for other data than it was trained on: users are known again where their ratings are still the same. */
export function openSvdTeacher(model: SvdModel): RatingTeacher {
  return teacherOf(model, createKnownRows(model.trained));
}

/** Finds the row of the ratings that a model was trained on behind a history, or -1. */
type RowOf = (histories: Csr, row: number) => number;

function teacherOf(model: SvdModel, rowOf: RowOf): RatingTeacher {
  const { settings, factors } = model;
  const { items, implicit, users, itemBias, userBias } = factors;
  const parameters = [items, implicit, users, itemBias, userBias].reduce(
    (sum, { length }) => sum + length,
    0,
  );
  return {
    description: `${settings.implicit ? 'SVD++' : 'biased MF'} ${settings.dimensions}`,
    parameters,
    bytes: 4 * parameters,
    settings,
    predictions: (histories) => predictions(factors, settings, histories, rowOf),
    state: () => svdState(model),
  };
}

/** Users who were trained on have vectors, whatever part of their ratings is shown; the others are folded in. */
function predictions(factors: SvdFactors, settings: SvdSettings, histories: Csr, rowOf: RowOf): Float32Array {
  const { dimensions: d, mean, itemBias, items } = factors;
  const columns = histories.columns;
  const out = new Float32Array(histories.rows * columns);
  const known = Array.from({ length: histories.rows }, (_, r) => rowOf(histories, r));
  const strangers = known.flatMap((user, r) => (user < 0 ? [r] : []));
  const folded =
    strangers.length > 0 ? foldSvdUsers(selectRows(histories, strangers), factors, settings) : factors;
  const place = new Map(strangers.map((r, i) => [r, i]));
  for (let r = 0; r < histories.rows; r++) {
    const source = known[r]! < 0 ? folded : factors;
    const user = known[r]! < 0 ? place.get(r)! : known[r]!;
    const offset = mean + source.userBias[user]!;
    for (let i = 0; i < columns; i++) {
      let sum = offset + itemBias[i]!;
      for (let k = 0; k < d; k++) sum += source.users[user * d + k]! * items[i * d + k]!;
      out[r * columns + i] = sum;
    }
  }
  return out;
}

/** Finds the user's own row where a history is a part of it. */
function rowOfTrained(trained: Csr): RowOf {
  return (histories, row) => {
    const user = rowIdOf(histories, row);
    if (user >= trained.rows || rowLength(histories, row) === 0) return -1;
    let t = trained.indptr[user]!;
    const end = trained.indptr[user + 1]!;
    for (let p = histories.indptr[row]!; p < histories.indptr[row + 1]!; p++) {
      while (t < end && trained.indices[t]! < histories.indices[p]!) t++;
      if (t === end || trained.indices[t] !== histories.indices[p]) return -1;
      if (trained.values[t] !== histories.values[p]) return -1;
    }
    return user;
  };
}

/** Reports the end of each epoch. */
function createReport({ onProgress, resume }: SvdContext, { epochs, learningRate, decay }: SvdSettings) {
  const started = performance.now();
  const before = resume?.resumeFrom?.epoch ?? 0;
  return ({ epoch, losses, metric, seconds }: EpochRecord, isPast = false) => {
    const perEpoch = (performance.now() - started) / 1000 / Math.max(1, epoch - before);
    onProgress({
      ...{ epoch, epochs, step: 1, steps: 1, losses, metric },
      epochEnd: { seconds, ...(isPast && { isPast }) },
      learningRate: learningRate * decay ** (epoch - 1),
      fraction: epoch / epochs,
      etaSeconds: perEpoch * (epochs - epoch),
    });
  };
}

/** A training as checkpoints hold it; there is no optimizer beside the values. */
function checkpointOf(
  { epoch, values, rng }: SvdTrainingState,
  history: EpochRecord[],
  best: { epoch: number; rmse: number; epochs: number } | undefined,
): TrainingState {
  return {
    ...{ epoch, values, rng, step: epoch, optimizer: { step: epoch, slots: {} }, history, firstLoss: 0 },
    ...(best && {
      stopping: {
        bestEpoch: best.epoch,
        bestMetric: best.rmse,
        bestValues: {},
        waited: best.epochs - best.epoch,
      },
    }),
  };
}

function startOf({ epoch, values, rng }: TrainingState): SvdTrainingState {
  return { epoch, values, rng: rng! };
}
