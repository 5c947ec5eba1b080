import { problem } from '../../../core/errors.ts';
import type { Rng } from '../../../core/rng.ts';
import { type Csr, selectRows } from '../../../dataset/matrix.ts';
import { clipped, type RatingScale } from '../../../dataset/ratings.ts';
import { historyFor, type Split } from '../../../dataset/split/split.ts';
import { createResampling } from '../../../evaluation/bootstrap.ts';
import { evaluatedUsers } from '../../../evaluation/evaluate.ts';
import { addErrors, emptyErrors, rmse } from '../../../evaluation/rating-errors.ts';

export interface RatingValidation {
  /** The error of predictions [rows, items], which are clipped here. */
  rmse(predictions: (histories: Csr) => Float32Array): number;
}

const MAX_USERS = 2000;
const BATCH = 256;

/** Readies what the epochs are chosen by; undefined where nothing is held out for that. */
export function createRatingValidation(
  split: Split,
  scale: RatingScale,
  rng: Rng,
  most = MAX_USERS,
): RatingValidation | undefined {
  const users = rng.shuffle(evaluatedUsers(split.validation)).subarray(0, Math.min(MAX_USERS, most));
  if (users.length === 0) return undefined;
  const known = historyFor(split, 'validation');
  const resampling = createResampling(1, rng);
  return {
    rmse(predictions) {
      const errors = emptyErrors(1);
      for (let from = 0; from < users.length; from += BATCH) {
        const batch = users.subarray(from, from + BATCH);
        const truth = selectRows(split.validation, batch);
        const predicted = clipped(predictions(selectRows(known, batch)), scale);
        for (let b = 0; b < batch.length; b++)
          addErrors(errors, 0, predicted.subarray(b * truth.columns, (b + 1) * truth.columns), truth, b);
      }
      const { value } = rmse(errors, resampling);
      if (!Number.isFinite(value)) {
        throw problem(
          'training-diverged',
          'The predictions are no numbers any more; lower the learning rate',
        );
      }
      return value;
    },
  };
}
