import { encodeStudentWeights } from '../../../artifact/student/pack.ts';
import {
  describeStudent,
  parameterCount,
  type StudentWeights,
} from '../../../artifact/student/student-weights.ts';
import type { Csr } from '../../../dataset/matrix.ts';
import type { ModelReport } from '../../../domain/reports/model-report.ts';
import { createStudentScorer, type RatingPredictor } from '../../../scoring/student-scorer.ts';
import { foldRatings, type RatingBase, ratingBase } from '../../../student/rating-fold-in.ts';
import type { RatingTeacher } from '../../../teacher/rating/contract.ts';
import { predictionsOf } from './small-model.ts';
import type { RatingControls } from './train-models.ts';
import type { TrainedRatingStudent } from './train-student.ts';

/** Predicts [rows, items] row-major; the evaluation clips. */
export interface Predictor
  extends Pick<ModelReport, 'name' | 'role' | 'description' | 'parameters' | 'bytes'> {
  predictions(histories: Csr): Float32Array;
}

/** The students of one seed. */
export interface RatingStudents {
  student: TrainedRatingStudent;
  controls: RatingControls;
}

/** All that is measured. The teacher comes first: the others are compared with it. @param learned what they learned from */
export function predictorsOf(
  {
    teacher,
    repeats = [],
    ...first
  }: { teacher: RatingTeacher; repeats?: readonly RatingStudents[] } & RatingStudents,
  learned: Csr,
  shrinkage: number,
): Predictor[] {
  return [
    { name: 'teacher', role: 'teacher', ...teacher },
    ...seededPredictors(first),
    meansPredictor(ratingBase(learned, shrinkage), shrinkage),
    ...repeats.flatMap(seededPredictors),
  ];
}

/** Predictors of the models that are trained with every seed. */
function seededPredictors({ student, controls: { alone, best } }: RatingStudents): Predictor[] {
  const served = servedPredictor('student', student.weights);
  const { parameters } = served;
  return [
    served,
    {
      name: 'student-float32',
      role: 'student',
      description: 'before rounding',
      parameters,
      bytes: 4 * parameters,
      predictions: student.predictions,
    },
    servedPredictor('student-alone', alone.weights),
    {
      name: 'best-alone',
      role: 'control',
      description: best.description,
      parameters: best.parameters,
      bytes: best.bytes,
      predictions: predictionsOf(best.factors, best.ridge),
    },
  ];
}

/** Predicts as a student will be served: int8, with the arithmetic of the scan. */
function servedPredictor(name: 'student' | 'student-alone', weights: StudentWeights): Predictor {
  const { ratings } = createStudentScorer(weights);
  return {
    name,
    role: name === 'student' ? 'student' : 'control',
    description: `${describeStudent(weights)}${name === 'student' ? '' : ', without a teacher'}`,
    parameters: parameterCount(weights),
    bytes: encodeStudentWeights(weights).length,
    predictions(histories) {
      const out = new Float32Array(histories.rows * histories.columns);
      for (let r = 0; r < histories.rows; r++) {
        const [from, to] = [histories.indptr[r]!, histories.indptr[r + 1]!];
        ratings!.predictAll(
          histories.indices.subarray(from, to),
          histories.values.subarray(from, to),
          out.subarray(r * histories.columns, (r + 1) * histories.columns),
        );
      }
      return out;
    },
  };
}

/**
 * Predictions of a student that was published for another catalogue: its items are found again, and those that it does not know get
 * the mean of what it predicts for the user.
 * @param oldRows [items] its rows, -1 for what it does not know @param known how many items it has
 */
export function previousPredictions(
  ratings: RatingPredictor,
  oldRows: Int32Array,
  known: number,
): Predictor['predictions'] {
  const old = new Float32Array(known);
  return (histories) => {
    const out = new Float32Array(histories.rows * histories.columns);
    for (let r = 0; r < histories.rows; r++) {
      const places = Array.from(
        { length: histories.indptr[r + 1]! - histories.indptr[r]! },
        (_, i) => histories.indptr[r]! + i,
      ).filter((p) => oldRows[histories.indices[p]!]! >= 0);
      const rows = places.map((p) => oldRows[histories.indices[p]!]!);
      ratings.predictAll(
        rows,
        places.map((p) => histories.values[p]!),
        old,
      );
      const mean = old.reduce((sum, one) => sum + one, 0) / known;
      const at = r * histories.columns;
      for (let item = 0; item < histories.columns; item++)
        out[at + item] = oldRows[item]! < 0 ? mean : old[oldRows[item]!]!;
    }
    return out;
  };
}

/** Predicts mean + b_u + b_i, the biases shrunk. */
function meansPredictor(base: Pick<RatingBase, 'mean' | 'itemBias'>, shrinkage: number): Predictor {
  return {
    name: 'means',
    role: 'baseline',
    description: 'mean, item and user bias',
    parameters: base.itemBias.length + 1,
    bytes: 4 * (base.itemBias.length + 1),
    predictions(histories) {
      const { offsets } = foldRatings(histories, base, shrinkage);
      const out = new Float32Array(histories.rows * histories.columns);
      for (let r = 0; r < histories.rows; r++) {
        for (let i = 0; i < histories.columns; i++)
          out[r * histories.columns + i] = offsets[r]! + base.itemBias[i]!;
      }
      return out;
    },
  };
}
