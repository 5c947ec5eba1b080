import { type StudentWeights, studentOfTask } from '../artifact/student/student-weights.ts';
import { runAtOnce, type Sliced } from '../core/slices.ts';
import type { Bag } from '../features/encoding.ts';
import type { Disliked } from './disliked.ts';
import { cautions, createRatingVectors, type RatingVectors } from './rating-vector.ts';
import { openKernel, type ScanKernel } from './scan/kernel.ts';
import { type PackedMatrix, packMatrix } from './scan/packed-matrix.ts';
import type { TopK } from './scan/top-heap.ts';
import { createUserVectors, type UserVectors } from './user-vector.ts';

const PROBES = 33;

/**
 * A student at work, over dense rows. Serving and the evaluation after training both use it, so that the report
 * describes what users get. Answers are views that the next call overwrites; not reentrant.
 */
export interface StudentScorer {
  items: number;
  /** All rows, the most popular in training first, equal ones in row order. Int32 [N] */
  popularityOrder: Int32Array;
  /** Weight of each item in training, Float32 [N]. */
  popularity: Float32Array;
  /**
   * The k best rows for a history, best first.
   * @param rows distinct item rows, the newest first
   * @param weights one per row: the greatest weight among the interactions with that item
   * @param exclude rows that must not come back, for instance those of the history
   * @param alsoExclude a second list, so that callers need not concatenate
   * @param side what is said of the user, for students that read it
   * @param disliked what the user dislikes: items like it fall. It is not left out by this alone
   */
  recommend(
    rows: ArrayLike<number>,
    weights: ArrayLike<number>,
    k: number,
    exclude?: ArrayLike<number>,
    alsoExclude?: ArrayLike<number>,
    side?: Bag | null,
    disliked?: Disliked | null,
  ): TopK;
  /** The vector that the kernel scans with for this history, Float32 [d]; overwritten by the next call. */
  userVector(
    rows: ArrayLike<number>,
    weights: ArrayLike<number>,
    side?: Bag | null,
    disliked?: Disliked | null,
  ): Float32Array;
  /** Predicts ratings, for a student of ratings alone; weights are then ratings, in folds as well. */
  ratings: RatingPredictor | null;
  /** The scan over the item rows, for callers that have a vector. */
  kernel: ScanKernel;
  /** The score of every row, Float32 [N]: the numbers that recommend ranks by. */
  scoresInto(
    rows: ArrayLike<number>,
    weights: ArrayLike<number>,
    out: Float32Array,
    side?: Bag | null,
    disliked?: Disliked | null,
  ): void;
}

export interface RatingPredictor {
  /** Predicted ratings of some rows, within the scale; an empty history gets what is expected of anybody. */
  predict(
    rows: ArrayLike<number>,
    ratings: ArrayLike<number>,
    wanted: ArrayLike<number>,
    out: Float32Array,
  ): void;
  /** Predicts the ratings of all rows. */
  predictAll(rows: ArrayLike<number>, ratings: ArrayLike<number>, out: Float32Array): void;
}

/** Needs no store and no manifest. A student with several tasks answers the first one. */
export function createStudentScorer(weights: StudentWeights): StudentScorer {
  return openStudentScorer(weights, runAtOnce(packStudentRows(weights)));
}

/** The part of a scorer that takes long to compute, once for a student; threads may do it for one another. */
export interface PackedStudent {
  matrix: PackedMatrix;
  popularityOrder: Int32Array;
}

/** @param scratches scans that may run at the same time */
export function* packStudentRows(weights: StudentWeights, scratches = 1): Sliced<PackedStudent> {
  const { itemsOut, popularity } = weights;
  const vectors = vectorsOf(weights);
  const options = { typicalNorm: typicalNorm(vectors, itemsOut.rows), scratches };
  const matrix = yield* packMatrix(itemsOut, rankingBias(weights), options);
  return { matrix, popularityOrder: orderByPopularity(popularity) };
}

export function openStudentScorer(
  weights: StudentWeights,
  { matrix, popularityOrder }: PackedStudent,
): StudentScorer {
  const { popularity, rating } = weights;
  const kernel = openKernel(matrix);
  const scorer = scorerOf(vectorsOf(weights), kernel, { popularity, popularityOrder });
  if (!rating) return scorer;
  const vectors = createRatingVectors({ ...weights, rating });
  return { ...scorer, ratings: createPredictor(vectors, kernel, rating, cautions(weights)) };
}

/** The vectors of the first task. */
function vectorsOf(weights: StudentWeights): UserVectors {
  const { rating } = weights;
  return rating ? createRatingVectors({ ...weights, rating }) : createUserVectors(studentOfTask(weights, 0));
}

/** The bias that the scan adds for each item. Ratings are ranked with caution: a few high ones say less than many. */
function rankingBias(weights: StudentWeights): Float32Array {
  if (!weights.rating) return weights.itemBias;
  const below = cautions(weights);
  return weights.itemBias.map((bias, row) => bias - below[row]!);
}

/** Another task of the same student: its user vectors, over the same item rows. */
export function scorerOfTask(first: StudentScorer, weights: StudentWeights, task: number): StudentScorer {
  return scorerOf(createUserVectors(studentOfTask(weights, task)), first.kernel, first);
}

function scorerOf(
  vectors: UserVectors,
  kernel: ScanKernel,
  { popularity, popularityOrder }: Pick<StudentScorer, 'popularity' | 'popularityOrder'>,
): StudentScorer {
  return {
    items: popularity.length,
    popularityOrder,
    popularity,
    kernel,
    ratings: null,
    userVector: vectors.fold,

    recommend(rows, pairWeights, k, exclude, alsoExclude, side, disliked) {
      if (exclude) kernel.exclude(exclude);
      if (alsoExclude) kernel.exclude(alsoExclude);
      return kernel.topK(vectors.fold(rows, pairWeights, side, disliked), k);
    },

    scoresInto(rows, pairWeights, out, side, disliked) {
      kernel.scoresInto(vectors.fold(rows, pairWeights, side, disliked), out);
    },
  };
}

/** The scan ranks with caution; what it took off is put back. */
function createPredictor(
  vectors: RatingVectors,
  kernel: ScanKernel,
  { low, high }: { low: number; high: number },
  below: Float32Array,
): RatingPredictor {
  const within = (score: number, row: number, offset: number) =>
    Math.min(high, Math.max(low, score + below[row]! + offset));
  return {
    predict(rows, ratings, wanted, out) {
      const offset = vectors.offset(rows, ratings);
      kernel.scoresOf(vectors.fold(rows, ratings), wanted, out);
      for (let i = 0; i < wanted.length; i++) out[i] = within(out[i]!, wanted[i]!, offset);
    },
    predictAll(rows, ratings, out) {
      const offset = vectors.offset(rows, ratings);
      kernel.scoresInto(vectors.fold(rows, ratings), out);
      for (let row = 0; row < out.length; row++) out[row] = within(out[row]!, row, offset);
    },
  };
}

/** Median length of the vectors of users with one item each. */
function typicalNorm(vectors: UserVectors, items: number): number {
  const size = Math.min(items, PROBES);
  const norms = Float64Array.from({ length: size }, (_, i) =>
    Math.hypot(...vectors.fold([Math.floor((i * items) / size)], [1])),
  );
  return norms.sort()[size >> 1] ?? 1;
}

function orderByPopularity(popularity: Float32Array): Int32Array {
  const order = Int32Array.from(popularity, (_, row) => row);
  return order.sort((a, b) => popularity[b] - popularity[a] || a - b);
}
