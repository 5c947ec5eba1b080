import type { Solver } from '../artifact/student/student-weights.ts';
import type { Engine } from '../tensor/engine.ts';
import { symmetricEigen } from '../tensor/linalg/symmetric-eigen.ts';
import { readAndDispose } from '../tensor/read.ts';

/** The least of the diagonal by its greatest: a matrix of less is singular in float32. */
const LEAST_SHARE = 1e-6;

/** Ridge regression of iALS, see Ridge of its teacher: weight of pairs that were not observed, regularization of one pair. */
interface ImplicitRidge {
  unobservedWeight: number;
  regularization: number;
}

/**
 * Items [N, d] of iALS as those of a student whose user vector is solved: rotated so that their Gram matrix is a diagonal, and
 * brought to a size of their own, which changes no score.
 * @param size root mean square that the numbers get; unset: they keep theirs
 */
export function solvedItems(
  engine: Engine,
  items: Float32Array,
  d: number,
  { unobservedWeight, regularization }: ImplicitRidge,
  size?: number,
): { items: Float32Array; solver: Solver } {
  const { tf } = engine;
  const count = items.length / d;
  const rms = Math.sqrt(items.reduce((sum, x) => sum + x * x, 0) / items.length);
  const factor = size === undefined || rms === 0 ? 1 : size / rms;
  const y = tf.tensor2d(items, [count, d]);
  const gram = readAndDispose(tf.matMul(y, y, true));
  const { values, vectors } = symmetricEigen(Float64Array.from(gram), d);
  const rotation = tf.tensor2d(
    Float32Array.from(vectors, (x) => factor * x),
    [d, d],
  );
  const rotated = readAndDispose(tf.matMul(y, rotation));
  tf.dispose([y, rotation]);
  const diagonal = values.map(
    (value) => factor ** 2 * unobservedWeight * (Math.max(0, value) + regularization * count),
  );
  const least = LEAST_SHARE * Math.max(...diagonal, Number.MIN_VALUE);
  return {
    items: rotated,
    solver: {
      gram: Float32Array.from(diagonal, (value) => Math.max(least, value)),
      perPair: factor ** 2 * regularization,
      scale: 1,
    },
  };
}
