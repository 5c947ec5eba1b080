import type { StudentWeights } from '../artifact/student/student-weights.ts';
import type { UserVectors } from './user-vector.ts';

export interface RatingVectors extends UserVectors {
  /** mean + b_u: what every prediction for this history has in common. */
  offset(rows: ArrayLike<number>, ratings: ArrayLike<number>): number;
}

export type RatingWeights = Pick<StudentWeights, 'itemsIn' | 'itemsOut' | 'userBias'> & {
  rating: NonNullable<StudentWeights['rating']>;
};

/**
 * u = b + sum_i (e_i X_i + Y_i) / sqrt(n), e_i = r_i - mean - base_i, with X the first half of each row of E_in and Y the second.
 * Sums in float64, answers in float32; the array is reused.
 */
export function createRatingVectors({ itemsIn, itemsOut, userBias, rating }: RatingWeights): RatingVectors {
  const { q, scale, width } = itemsIn;
  const d = itemsOut.width;
  const { mean, base, shrinkage } = rating;
  const sum = new Float64Array(d);
  const user = new Float32Array(d);
  return {
    fold(rows, ratings) {
      sum.fill(0);
      for (let i = 0; i < rows.length; i++) {
        const row = rows[i]!;
        const start = row * width;
        const left = scale[row]! * (ratings[i]! - mean - base[row]!);
        for (let k = 0; k < d; k++) sum[k]! += left * q[start + k]! + scale[row]! * q[start + d + k]!;
      }
      const norm = rows.length > 0 ? 1 / Math.sqrt(rows.length) : 0;
      for (let k = 0; k < d; k++) user[k] = userBias[k]! + norm * sum[k]!;
      return user;
    },
    offset(rows, ratings) {
      let left = 0;
      for (let i = 0; i < rows.length; i++) left += ratings[i]! - mean - base[rows[i]!]!;
      return mean + left / (rows.length + shrinkage);
    },
  };
}

/** How far below its prediction an item is ranked, [N]: one standard error of its ratings. */
export function cautions({
  rating,
  popularity,
}: Pick<StudentWeights, 'rating' | 'popularity'>): Float32Array {
  const { deviation } = rating!;
  return popularity.map((count) => deviation / Math.sqrt(count + 1));
}
