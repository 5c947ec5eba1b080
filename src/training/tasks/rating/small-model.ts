import { encodeStudentWeights } from '../../../artifact/student/pack.ts';
import { dequantizeRows, quantizeRows } from '../../../artifact/student/quantize.ts';
import type { StudentWeights } from '../../../artifact/student/student-weights.ts';
import { type Csr, columnSums } from '../../../dataset/matrix.ts';
import type { RatingScale } from '../../../dataset/ratings.ts';
import type { SvdFactors } from '../../../teacher/rating/svd-plus-plus.ts';
import type { SvdSettings } from '../../../teacher/rating/svd-settings.ts';
import { choleskyInPlace, solveTriangular } from '../../../tensor/linalg/linalg-reference.ts';

/** The part of a factorization that is kept where users are solved from their ratings: nothing of the users. */
export type ItemFactors = Pick<SvdFactors, 'dimensions' | 'mean' | 'itemBias' | 'items' | 'implicit'>;

/** Strength of the regularization of a user's vector and bias, for each of the user's ratings. */
export type UserRidge = Pick<SvdSettings, 'regularization' | 'biasRegularization'>;

/** A user as solved: rating of item j = bias + itemBias_j + q_j vector. */
interface SolvedUser {
  /** The mean is in it. */
  bias: number;
  /** Float64 [d] p_u + z_u; overwritten by the next call. */
  vector: Float64Array;
}

/**
 * Solves the users of SVD++ (Koren, KDD 2008, eq. 15) one by one with the items as they are: p_u and b_u are a ridge regression of
 * what is left of the ratings without mean, item biases and z_u, as in the users' step of alternating least squares
 * (Zhou et al., AAIM 2008). In float64; a user without ratings gets the mean.
 */
export function createRatingSolver(
  { dimensions: d, mean, itemBias, items, implicit }: ItemFactors,
  { regularization, biasRegularization }: UserRidge,
): (rows: ArrayLike<number>, ratings: ArrayLike<number>) => SolvedUser {
  const size = d + 1;
  // Each item's row with a one behind it, which is the bias' column.
  const columns = new Float64Array(size);
  const vector = new Float64Array(d);
  return (rows, ratings) => {
    const n = rows.length;
    vector.fill(0);
    if (n === 0) return { bias: mean, vector };
    if (implicit.length > 0) {
      for (let i = 0; i < n; i++) for (let k = 0; k < d; k++) vector[k]! += implicit[rows[i]! * d + k]!;
      for (let k = 0; k < d; k++) vector[k]! /= Math.sqrt(n);
    }
    const gram = new Float64Array(size * size);
    const x = new Float64Array(size);
    columns[d] = 1;
    for (let i = 0; i < n; i++) {
      const row = rows[i]!;
      let left = ratings[i]! - mean - itemBias[row]!;
      for (let k = 0; k < d; k++) {
        columns[k] = items[row * d + k]!;
        left -= columns[k]! * vector[k]!;
      }
      for (let k = 0; k < size; k++) {
        x[k]! += left * columns[k]!;
        for (let j = 0; j <= k; j++) gram[k * size + j]! += columns[k]! * columns[j]!;
      }
    }
    for (let k = 0; k < d; k++) gram[k * size + k]! += n * regularization;
    gram[d * size + d]! += n * biasRegularization;
    choleskyInPlace(gram, size);
    solveTriangular(gram, x, size, 1, false);
    solveTriangular(gram, x, size, 1, true);
    for (let k = 0; k < d; k++) vector[k]! += x[k]!;
    return { bias: mean + x[d]!, vector };
  };
}

/** Returns predictions, not clipped, [rows, items] row-major, from the ratings of the histories alone. */
export function predictionsOf(factors: ItemFactors, ridge: UserRidge): (histories: Csr) => Float32Array {
  const { dimensions: d, itemBias, items } = factors;
  const solve = createRatingSolver(factors, ridge);
  return ({ rows, columns, indptr, indices, values }) => {
    const out = new Float32Array(rows * columns);
    for (let r = 0; r < rows; r++) {
      const [from, to] = [indptr[r]!, indptr[r + 1]!];
      const { bias, vector } = solve(indices.subarray(from, to), values.subarray(from, to));
      for (let i = 0; i < columns; i++) {
        let sum = bias + itemBias[i]!;
        for (let k = 0; k < d; k++) sum += vector[k]! * items[i * d + k]!;
        out[r * columns + i] = sum;
      }
    }
    return out;
  };
}

/** A small model as it would be served: its item matrices are rounded as the student's are. */
export interface RoundedFactors {
  factors: ItemFactors;
  ridge: UserRidge;
  parameters: number;
  /** Bytes that it would take in the student's own format. */
  bytes: number;
}

/** @param learned [users, items] the ratings that it learned from */
export function roundedFactors(
  { dimensions: d, mean, itemBias, items, implicit }: ItemFactors,
  ridge: UserRidge,
  learned: Csr,
  { low, high }: RatingScale,
): RoundedFactors {
  const rows = itemBias.length;
  const itemsOut = quantizeRows(items, rows, d, 'int8');
  const itemsIn = implicit.length > 0 ? quantizeRows(implicit, rows, d, 'int8') : itemsOut;
  const weights: StudentWeights = {
    ...{ itemsIn, itemsOut, inner: null },
    userBias: new Float32Array(d),
    itemBias: new Float32Array(rows),
    popularity: columnSums({ ...learned, values: new Float32Array(learned.values.length).fill(1) }),
    ...{ quantization: 'int8', normalization: 'none', activation: 'identity' },
    rating: { mean, base: itemBias, shrinkage: 0, low, high, deviation: 0 },
  };
  return {
    factors: {
      ...{ dimensions: d, mean, itemBias },
      items: dequantizeRows(itemsOut),
      implicit: implicit.length > 0 ? dequantizeRows(itemsIn) : implicit,
    },
    ridge,
    parameters: items.length + implicit.length + itemBias.length + 1,
    bytes: encodeStudentWeights(weights).length,
  };
}
