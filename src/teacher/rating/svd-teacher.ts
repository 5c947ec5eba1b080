import { createRng, type Rng } from '../../core/rng.ts';
import { type Csr, rowIdOf, rowLength, selectRows } from '../../dataset/matrix.ts';
import type { OptionsOf } from '../../domain/teachers/single.ts';
import type { RatingTeacher } from './contract.ts';
import { foldSvdUsers, type SvdFactors, type SvdSettings, trainSvd } from './svd-plus-plus.ts';

/** With the names that a job gives it. */
export type PlannedSvd = SvdSettings & { kind: 'matrix-factorization'; objective: 'svd++' | 'biased' };

/** Chosen on a tenth held out of the training part of one fold of MovieLens-100K. */
export function planSvd(options: OptionsOf<'matrix-factorization'>): PlannedSvd {
  const objective = options.objective === 'biased' ? 'biased' : 'svd++';
  return {
    kind: 'matrix-factorization',
    objective,
    implicit: objective === 'svd++',
    dimensions: options.dimensions ?? 50,
    epochs: options.epochs ?? 100,
    learningRate: options.learningRate ?? 0.015,
    decay: 0.98,
    regularization: options.regularization ?? 0.1,
    biasRegularization: 0.005,
  };
}

export interface SvdTraining {
  ratings: Csr;
  rng: Rng;
  /** RMSE of predictions on what is held out for choosing the epochs; lower is better. */
  validation?: { rmse(predictions: (histories: Csr) => Float32Array): number; patience: number };
  /** After each epoch; what it throws ends training. */
  onEpoch(epoch: number, rmse: number | undefined): Promise<void>;
}

/**
 * Trains for the epochs of the settings, or until validation gets no better; the epochs that were best are in the settings of
 * the teacher, which is the one of the last epoch: it is trained again on everything that is known with as many.
 */
export async function trainSvdTeacher(settings: SvdSettings, training: SvdTraining): Promise<RatingTeacher> {
  const { ratings, rng, validation, onEpoch } = training;
  let factors: SvdFactors | undefined;
  let best = { epoch: settings.epochs, rmse: Number.POSITIVE_INFINITY };
  let epoch = 0;
  for (const now of trainSvd(ratings, settings, rng)) {
    factors = now;
    epoch++;
    const rmse = validation?.rmse((histories) => predictions(now, settings, ratings, histories));
    await onEpoch(epoch, rmse);
    if (rmse === undefined || validation === undefined) continue;
    if (rmse < best.rmse) best = { epoch, rmse };
    if (epoch - best.epoch >= validation.patience) break;
  }
  const trained = factors!;
  const parameters =
    trained.items.length +
    trained.implicit.length +
    trained.users.length +
    trained.itemBias.length +
    trained.userBias.length;
  return {
    description: `${settings.implicit ? 'SVD++' : 'biased MF'} ${settings.dimensions}`,
    parameters,
    bytes: 4 * parameters,
    settings: { ...settings, epochs: validation ? best.epoch : epoch },
    predictions: (histories) => predictions(trained, settings, ratings, histories),
  };
}

/** Users who were trained on have vectors, whatever part of their ratings is shown; the others are folded in. */
function predictions(factors: SvdFactors, settings: SvdSettings, trained: Csr, histories: Csr): Float32Array {
  const { dimensions: d, mean, itemBias, items } = factors;
  const columns = histories.columns;
  const out = new Float32Array(histories.rows * columns);
  const isKnown = Array.from({ length: histories.rows }, (_, r) => trainedRow(trained, histories, r));
  const strangers = isKnown.flatMap((known, r) => (known < 0 ? [r] : []));
  const folded =
    strangers.length > 0
      ? foldSvdUsers(selectRows(histories, strangers), factors, settings, createRng(0))
      : factors;
  const place = new Map(strangers.map((r, i) => [r, i]));
  for (let r = 0; r < histories.rows; r++) {
    const source = isKnown[r]! < 0 ? folded : factors;
    const user = isKnown[r]! < 0 ? place.get(r)! : isKnown[r]!;
    const offset = mean + source.userBias[user]!;
    for (let i = 0; i < columns; i++) {
      let sum = offset + itemBias[i]!;
      for (let k = 0; k < d; k++) sum += source.users[user * d + k]! * items[i * d + k]!;
      out[r * columns + i] = sum;
    }
  }
  return out;
}

/** The row of the training matrix that a history is a part of, or -1. */
function trainedRow(trained: Csr, histories: Csr, row: number): number {
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
}
