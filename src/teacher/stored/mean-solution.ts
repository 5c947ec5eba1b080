import type { Solver } from '../../artifact/student/student-weights.ts';
import { type Csr, columnSums } from '../../dataset/matrix.ts';
import type { Engine, Tensor } from '../../tensor/engine.ts';
import { readAndDispose } from '../../tensor/read.ts';

/** The items [N, d] as the vectors that sum up to the user's, with the mean over the sample in place of each user's own matrix. */
export function meanSolution(engine: Engine, solver: Solver, items: Float32Array, sample: Csr): Float32Array {
  const { tf } = engine;
  const { gram, perPair, scale } = solver;
  const d = gram.length;
  const pairs = perPair * (sample.indices.length / sample.rows);
  const solved = tf.tidy(() => {
    const y = tf.tensor2d(items, [sample.columns, d]);
    const weights = columnSums(sample).map((sum) => sum / sample.rows);
    const diagonal = tf.diag(tf.tensor1d(gram.map((value) => value + pairs)));
    const a = tf.add(tf.matMul(tf.mul(y, tf.tensor2d(weights, [sample.columns, 1])), y, true), diagonal);
    return tf.mul(tf.transpose(engine.solve(a as Tensor, tf.transpose(y))), scale) as Tensor;
  });
  return readAndDispose(solved);
}
