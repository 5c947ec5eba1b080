import { hideRandomly, stepsPerEpoch, userBatches } from '../../../dataset/batches.ts';
import { type Csr, rowIdOf, selectRows } from '../../../dataset/matrix.ts';
import { clipped } from '../../../dataset/ratings.ts';
import { createRatingStudent, type RatingBase, type RatingStudent } from '../../../student/rating-fold-in.ts';
import type { TrainingContext } from '../../../teacher/contract.ts';
import type { RatingTeacher } from '../../../teacher/rating/contract.ts';
import type { Engine, Scalar, Tensor } from '../../../tensor/engine.ts';
import { type FitResult, fit } from '../../../tensor/train/fit.ts';
import type { RatingDistillation, RatingSettings } from './plan.ts';

export interface TrainedRatingStudent {
  student: RatingStudent;
  fit: FitResult;
}

/**
 * Trains the student on the teacher's predictions of what the user has not rated, and on ratings that are hidden from it. What
 * the teacher says of rated items it has learnt by heart; what it says of the others is what it will be asked. Items count by
 * the root of how often they are rated, as they are asked for.
 *
 * @param teacher null for the control, which has the hidden ratings alone
 */
export async function trainRatingStudent(
  teacher: RatingTeacher | null,
  how: RatingDistillation,
  settings: RatingSettings,
  base: RatingBase,
  context: Omit<TrainingContext, 'validation'> & {
    /** Negative RMSE of predictions, unclipped [rows, items]. */
    validation?: { metric(predictions: (histories: Csr) => Float32Array): number; patience: number };
  },
): Promise<TrainedRatingStudent> {
  const { engine, train, validation } = context;
  const draws = context.rng.fork('rating-batches');
  const steps = stepsPerEpoch(train, how.batchSize);
  const student = createRatingStudent(
    engine,
    train.columns,
    settings.student,
    base,
    {
      kind: 'adamw',
      learningRate: how.learningRate,
      weightDecay: how.weightDecay,
      schedule: { kind: 'cosine', totalSteps: Math.max(1, how.epochs * steps), finalFraction: 0.02 },
    },
    context.rng.fork('rating-start'),
  );
  const askedFor = itemShares(train);
  const ask = teacher && rememberPredictions(teacher, train);
  try {
    const result = await fit({
      parameters: student.parameters,
      epochs: how.epochs,
      stepsPerEpoch: steps,
      *batches(epoch) {
        for (const users of userBatches(train, how.batchSize, draws)) {
          const own = selectRows(train, users);
          const seen = hideRandomly(own, how.dropout, draws);
          yield {
            input: student.input(seen),
            soft: ask ? softTarget(engine, ask(own), own, askedFor, base.scale) : null,
            hard: how.hardLabels > 0 ? hardTarget(engine, own, seen) : null,
            rounded: epoch > how.epochs - how.roundedEpochs,
          };
        }
      },
      loss(p, { input, soft, hard, rounded }) {
        const predicted = student.predict(p, input, rounded);
        const parts: Record<string, Scalar> = {};
        if (soft) parts.softLabels = weighedSquares(engine, predicted, soft);
        if (hard) parts.hardLabels = weighedSquares(engine, predicted, hard);
        const { tf } = engine;
        const weighted = Object.entries(parts).map(([name, value]) =>
          tf.mul(value, name === 'softLabels' ? how.softLabels : how.hardLabels),
        );
        return { total: tf.addN(weighted) as Scalar, parts };
      },
      release({ input, soft, hard }) {
        input.dispose();
        for (const target of [soft, hard]) if (target) engine.tf.dispose([target.wanted, target.weights]);
      },
      ...(validation && {
        validation: { metric: () => validation.metric(student.predictions), patience: validation.patience },
      }),
      rng: draws,
      signal: context.signal,
      onProgress: context.onProgress,
      ...context.resume,
    });
    return { student, fit: result };
  } catch (error) {
    student.dispose();
    throw error;
  }
}

interface Target {
  /** [B, N] */
  wanted: Tensor;
  /** [B, N], 1 in sum */
  weights: Tensor;
}

function weighedSquares({ tf }: Engine, predicted: Tensor, { wanted, weights }: Target): Scalar {
  return tf.sum(tf.mul(weights, tf.square(tf.sub(predicted, wanted)))) as Scalar;
}

/** The teacher's predictions, within the scale, of what is not rated. */
function softTarget(
  { tf }: Engine,
  predictions: Float32Array,
  own: Csr,
  shares: Float32Array,
  scale: RatingBase['scale'],
): Target {
  const items = own.columns;
  const wanted = clipped(predictions, scale);
  const weights = new Float32Array(wanted.length);
  let sum = 0;
  for (let r = 0; r < own.rows; r++) {
    weights.set(shares, r * items);
    for (let p = own.indptr[r]!; p < own.indptr[r + 1]!; p++) weights[r * items + own.indices[p]!] = 0;
  }
  for (const w of weights) sum += w;
  return {
    wanted: tf.tensor2d(wanted, [own.rows, items]),
    weights: tf.tensor2d(
      weights.map((w) => w / Math.max(sum, 1e-12)),
      [own.rows, items],
    ),
  };
}

/** Predictions of all users are kept up to this size, so that the teacher is asked once. */
const KEEP_BYTES = 2 ** 30;

function rememberPredictions(teacher: RatingTeacher, train: Csr): (own: Csr) => Float32Array {
  const items = train.columns;
  if (4 * train.rows * items > KEEP_BYTES) return (own) => teacher.predictions(own);
  const known = new Map<number, Float32Array>();
  return (own) => {
    const users = Array.from({ length: own.rows }, (_, r) => rowIdOf(own, r));
    if (!users.every((user) => known.has(user))) {
      const asked = teacher.predictions(own);
      users.forEach((user, r) => void known.set(user, asked.slice(r * items, (r + 1) * items)));
      return asked;
    }
    const predictions = new Float32Array(own.rows * items);
    users.forEach((user, r) => void predictions.set(known.get(user)!, r * items));
    return predictions;
  };
}

/** The ratings that the student is not shown. */
function hardTarget({ tf }: Engine, own: Csr, seen: Csr): Target {
  const items = own.columns;
  const wanted = new Float32Array(own.rows * items);
  const weights = new Float32Array(own.rows * items);
  for (let r = 0; r < own.rows; r++) {
    for (let p = own.indptr[r]!; p < own.indptr[r + 1]!; p++) {
      wanted[r * items + own.indices[p]!] = own.values[p]!;
      weights[r * items + own.indices[p]!] = 1;
    }
    if (seen === own) continue;
    for (let p = seen.indptr[r]!; p < seen.indptr[r + 1]!; p++) weights[r * items + seen.indices[p]!] = 0;
  }
  const hidden = Math.max(1, own === seen ? own.indices.length : own.indices.length - seen.indices.length);
  return {
    wanted: tf.tensor2d(wanted, [own.rows, items]),
    weights: tf.tensor2d(
      weights.map((w) => w / hidden),
      [own.rows, items],
    ),
  };
}

/** [items] the root of one more than its ratings. */
function itemShares(train: Csr): Float32Array {
  const counts = new Float32Array(train.columns);
  for (const item of train.indices) counts[item]!++;
  return counts.map((count) => Math.sqrt(count + 1));
}
