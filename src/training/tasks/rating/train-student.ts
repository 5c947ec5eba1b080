import type { StudentWeights } from '../../../artifact/student/student-weights.ts';
import { hideRandomly, stepsPerEpoch, userBatches } from '../../../dataset/batches.ts';
import { type Csr, columnSums, selectRows } from '../../../dataset/matrix.ts';
import type { RatingScale } from '../../../dataset/ratings.ts';
import {
  createRatingStudent,
  type RatingBase,
  type RatingStudent,
  ratingBase,
  ratingStart,
} from '../../../student/rating-fold-in.ts';
import type { WarmStart } from '../../../teacher/contract.ts';
import type { RatingTeacher } from '../../../teacher/rating/contract.ts';
import { startedFrom } from '../../../teacher/stored/warm-start.ts';
import type { Scalar } from '../../../tensor/engine.ts';
import { type FitResult, fit } from '../../../tensor/train/fit.ts';
import { type NamedValues, readNamed } from '../../../tensor/train/named-values.ts';
import { refuseBeyond } from '../../controls/refuse-absurd.ts';
import type { Fit } from '../../run/run.ts';
import type { RatingDistillSettings, RatingSettings } from './plan.ts';
import { hardTarget, itemShares, rememberPredictions, softTarget, weighedSquares } from './targets.ts';

export interface TrainedRatingStudent {
  /** The weights as they are stored and served. */
  weights: StudentWeights;
  fit: FitResult;
  /** Predicts before its weights were rounded, [rows, items] row-major, not clipped. */
  predictions(histories: Csr): Float32Array;
  /** Copies of all parameters before they were rounded, which a refit starts from. */
  values(): NamedValues;
  /** Afterwards there are no predictions any more; the weights stay. */
  dispose(): void;
}

/** Users whose predictions are looked at before a student is published. */
const PROBED = 64;
/** Predictions beyond this many times the greatest rating come of training that ran away. */
const FAR = 100;

export interface RatingStudentContext extends Fit {
  /** [users, items] */
  train: Csr;
  scale: RatingScale;
  settings: RatingSettings['student'];
  /** The student as it was tested, to go on from. */
  again?: WarmStart | undefined;
  /** Negative RMSE of predictions, unclipped [rows, items]. */
  validation?: { metric(predictions: (histories: Csr) => Float32Array): number; patience: number };
  /** RMSE of the same, taken after every epoch for the report; nothing is decided by it. */
  measure?: ((predictions: (histories: Csr) => Float32Array) => number) | undefined;
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
  how: RatingDistillSettings,
  { train, scale, settings, validation, measure, again, ...context }: RatingStudentContext,
): Promise<TrainedRatingStudent> {
  const { engine } = context;
  const base: RatingBase = { ...ratingBase(train, settings.shrinkage), scale };
  const draws = context.rng.fork('rating-batches');
  const steps = stepsPerEpoch(train, how.batchSize);
  const student = createRatingStudent(
    engine,
    train.columns,
    settings,
    base,
    {
      kind: 'adamw',
      learningRate: how.learningRate,
      weightDecay: how.weightDecay,
      schedule: { kind: 'cosine', totalSteps: Math.max(1, how.epochs * steps), finalFraction: 0.02 },
    },
    startOf(again, ratingStart(base, settings.dimensions, context.rng.fork('rating-start'))),
  );
  const askedFor = itemShares(train, teacher?.unknown);
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
            soft: ask ? softTarget(engine, ask(own), own, askedFor, scale) : null,
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
      ...(measure && { measure: () => measure(student.predictions) }),
      rng: draws,
      signal: context.signal,
      onProgress: context.onProgress,
      ...context.resume,
    });
    const { predictions, dispose } = student;
    refuseFar(predictions, train, scale);
    return {
      weights: weightsOf(student, settings, base, train),
      fit: result,
      predictions,
      values: () => readNamed(student.parameters),
      dispose,
    };
  } catch (error) {
    student.dispose();
    throw error;
  }
}

/**
 * Predictions are clipped to the scale when they are served, but not this far.
 * @throws problem('training-diverged')
 */
function refuseFar(predictions: (histories: Csr) => Float32Array, train: Csr, scale: RatingScale): void {
  const some = Int32Array.from({ length: Math.min(PROBED, train.rows) }, (_, row) => row);
  const most = FAR * Math.max(Math.abs(scale.low), Math.abs(scale.high));
  refuseBeyond(predictions(selectRows(train, some)), most);
}

/** An item that the student knows keeps its bias, which stands for more than its mean. */
function startOf(again: WarmStart | undefined, fresh: NamedValues): NamedValues {
  if (!again) return fresh;
  const { weights, newItems } = again;
  const own = fresh.itemBias!;
  const itemBias = { ...own, values: own.values.slice() };
  itemBias.values.set(weights.itemBias!.values);
  for (const item of newItems.rows) itemBias.values[item] = own.values[item]!;
  return { ...startedFrom(fresh, again, ['itemsIn', 'itemsOut']), itemBias };
}

function weightsOf(
  student: RatingStudent,
  { shrinkage }: RatingSettings['student'],
  base: RatingBase,
  learned: Csr,
): StudentWeights {
  const ones = { ...learned, values: new Float32Array(learned.values.length).fill(1) };
  const { mean, itemBias, scale } = base;
  return {
    ...student.weights(),
    inner: null,
    popularity: columnSums(ones),
    quantization: 'int8',
    normalization: 'none',
    activation: 'identity',
    rating: {
      mean,
      base: itemBias,
      shrinkage,
      low: scale.low,
      high: scale.high,
      deviation: deviationOf(learned, base),
    },
  };
}

/** Standard deviation of the ratings around what is expected of their items. */
function deviationOf(ratings: Csr, { mean, itemBias }: RatingBase): number {
  const squares = ratings.values.reduce(
    (sum, r, p) => sum + (r - mean - itemBias[ratings.indices[p]!]!) ** 2,
    0,
  );
  return Math.sqrt(squares / Math.max(1, ratings.values.length));
}
